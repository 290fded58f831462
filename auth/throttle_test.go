package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestAddressIsSlowedButNotWhoSignedInThere(t *testing.T) {
	throttle, now := newThrottle(), time.Now()
	const room = "10.0.0.7"
	if throttle.begin("regular", room, now) != 0 {
		t.Fatal("the first try waits")
	}
	throttle.succeed("regular", room, now)
	free := 0
	for ; throttle.begin(fmt.Sprint("guess", free), room, now) == 0; free++ {
	}
	if free != freePerAddress {
		t.Errorf("one address tried %d accounts at once, want %d", free, freePerAddress)
	}
	if throttle.begin("stranger", room, now) == 0 {
		t.Error("a stranger at a slowed address does not wait")
	}
	if wait := throttle.begin("regular", room, now); wait != 0 {
		t.Errorf("who has signed in there before waits %v", wait)
	}
	if wait := throttle.begin("stranger", "10.0.0.8", now); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
	for range 20 {
		now = now.Add(longestAddress)
		if wait := throttle.begin("stranger2", room, now); wait > longestPair {
			t.Fatalf("the wait grew to %v", wait)
		}
	}
	now = now.Add(longestPair + forgetAfter + time.Second)
	for i := range freePerPair {
		if wait := throttle.begin("stranger2", room, now); wait != 0 {
			t.Errorf("long after, try %d waits %v", i, wait)
		}
	}
}

func TestNeighboursInOneIPv6NetworkAreOneAddress(t *testing.T) {
	for _, pair := range [][2]string{{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"}, {"::ffff:10.0.0.7", "10.0.0.7"}, {"fe80::1%eth0", "fe80::2%eth1"}} {
		_, a := throttleKeys("x", pair[0])
		_, b := throttleKeys("x", pair[1])
		if a != b {
			t.Errorf("%s and %s are %s and %s", pair[0], pair[1], a, b)
		}
	}
	_, a := throttleKeys("x", "2001:db8:1:2::1")
	_, b := throttleKeys("x", "2001:db8:1:3::1")
	if a == b {
		t.Error("two networks are one address")
	}
}

func TestUnjudgedTryDoesNotCount(t *testing.T) {
	throttle, now := newThrottle(), time.Now()
	for i := range 200 {
		if wait := throttle.begin("a", "b", now); wait != 0 {
			t.Fatalf("try %d waits %v", i, wait)
		}
		throttle.forgive("a", "b", now)
	}
}

func TestThrottleIsBoundedAndKeepsTheLatest(t *testing.T) {
	throttle, now := newThrottle(), time.Now()
	for i := range 3 * throttleBound {
		now = now.Add(time.Millisecond)
		throttle.begin(fmt.Sprint("a", i), fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff), now)
		if len(throttle.keys) > throttleBound {
			t.Fatalf("%d keys", len(throttle.keys))
		}
	}
	pair, _ := throttleKeys(fmt.Sprint("a", 3*throttleBound-1), fmt.Sprintf("2001:db8:%x:%x::1", (3*throttleBound-1)>>16, (3*throttleBound-1)&0xffff))
	if throttle.keys[pair] == nil {
		t.Error("the latest try was forgotten")
	}
}
