package probe_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for a camera's pictures and need no processor meanwhile.
	if err := flag.Set("test.parallel", "14"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
