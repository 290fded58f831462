package srtpkey_test

import (
	"encoding/hex"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/srtpkey"
)

// TestTheRFCsKeys: RFC 3711, B.3.
func TestTheRFCsKeys(t *testing.T) {
	bytes := func(text string) []byte {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key, salt, err := srtpkey.Derive(bytes("E1F97A0D3E018BE0D64FA32C06DE4139"), bytes("0EC675AD498AFEEBB6960B3AABE6"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := hex.EncodeToString(key), "c61e7a93744f39ee10734afe3ff7a087"; got != want {
		t.Errorf("the session key is %s, want %s", got, want)
	}
	if got, want := hex.EncodeToString(salt), "30cbbc08863d8c85d49db34a9ae1"; got != want {
		t.Errorf("the session salt is %s, want %s", got, want)
	}
	if _, _, err := srtpkey.Derive(make([]byte, 15), make([]byte, 12)); err == nil {
		t.Error("a key of 15 bytes is one")
	}
}
