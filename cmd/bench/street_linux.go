package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// canMakeStreets tells whether this process may.
func canMakeStreets() bool {
	for _, program := range []string{"ip", "tc", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	return os.Geteuid() == 0
}

// newStreets makes the hosts. close removes them.
func newStreets(ctx context.Context) (_ *streets, err error) {
	tag := strings.ToLower(rand.Text()[:6])
	s := &streets{home: "rv-h-" + tag, slow: street{"rv-s-" + tag, "10.77.1.2"}, lossy: street{"rv-l-" + tag, "10.77.2.2"}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	lines := []string{"ip netns add " + s.home, "ip -n " + s.home + " link set lo up"}
	for i, end := range []street{s.slow, s.lossy} {
		near := "lan" + strconv.Itoa(i)
		gate := strings.TrimSuffix(end.host, "2") + "1"
		lines = append(lines,
			"ip netns add "+end.space, "ip -n "+end.space+" link set lo up",
			"ip link add "+near+" netns "+s.home+" type veth peer name lan0 netns "+end.space,
			"ip -n "+s.home+" addr add "+gate+"/24 dev "+near, "ip -n "+s.home+" link set "+near+" up",
			"ip -n "+end.space+" addr add "+end.host+"/24 dev lan0", "ip -n "+end.space+" link set lan0 up",
			"ip -n "+end.space+" route add default via "+gate)
	}
	lines = append(lines,
		"tc -n "+s.home+" qdisc add dev lan0 root tbf rate "+slowRate+" burst 8kb limit 60000",
		"ip netns exec "+s.lossy.space+" nft add table inet bench",
		"ip netns exec "+s.lossy.space+" nft add chain inet bench in { type filter hook input priority 0 ; }",
		"ip netns exec "+s.lossy.space+" nft add rule inet bench in meta l4proto udp numgen random mod 100 < "+strconv.Itoa(lossyPart)+" drop")
	for _, line := range lines {
		words := strings.Fields(line)
		if err := system(ctx, words[0], words[1:]...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// close removes the hosts; processes in them must have ended.
func (s *streets) close() {
	for _, space := range []string{s.slow.space, s.lossy.space, s.home} {
		_ = exec.Command("ip", "netns", "del", space).Run() // it may not have been made
	}
}
