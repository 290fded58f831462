package store

import (
	"bytes"
	"sync"
	"testing"
)

func TestSettingIsKeptOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		if _, ok, err := db.Setting(ctx, "sentinel"); ok || err != nil {
			t.Fatalf("an empty database has a setting: %v, %v", ok, err)
		}
		kept := make([][]byte, 8)
		var group sync.WaitGroup
		for i := range kept {
			group.Go(func() {
				var err error
				if kept[i], err = db.PutSettingOnce(ctx, "sentinel", []byte{byte(i), 0, 0xff}); err != nil {
					t.Errorf("keeping: %v", err)
				}
			})
		}
		group.Wait()
		for _, other := range kept {
			if !bytes.Equal(other, kept[0]) {
				t.Errorf("two who kept at once got %v and %v", kept[0], other)
			}
		}
		value, ok, err := db.Setting(ctx, "sentinel")
		if !ok || err != nil || !bytes.Equal(value, kept[0]) {
			t.Errorf("read %v, %v, %v, want %v", value, ok, err, kept[0])
		}
	})
}
