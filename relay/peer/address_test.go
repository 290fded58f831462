package peer

import (
	"context"
	"net/netip"
	"slices"
	"testing"
)

func addresses(list ...string) []netip.Addr {
	var out []netip.Addr
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func TestAdvertises(t *testing.T) {
	local := addresses("192.168.1.5", "2001:db8::5", "127.0.0.1", "::1")
	for _, c := range []struct {
		name  string
		hosts []string
		page  string
		local []netip.Addr
		want  []netip.Addr
	}{
		{"nothing known of the page", nil, "", local, addresses("192.168.1.5", "2001:db8::5")},
		{"page by a local address", nil, "192.168.1.5", local, addresses("192.168.1.5", "2001:db8::5")},
		{"page through a router or a container's port", nil, "203.0.113.7", local, addresses("203.0.113.7", "192.168.1.5", "2001:db8::5")},
		{"page by IPv6 in brackets", nil, "[2001:db8::9]", local, addresses("2001:db8::9", "192.168.1.5", "2001:db8::5")},
		{"page on the machine itself", nil, "127.0.0.1", local, addresses("127.0.0.1", "192.168.1.5", "2001:db8::5", "::1")},
		{"nothing but loopback", nil, "", addresses("127.0.0.1", "::1"), addresses("127.0.0.1", "::1")},
		{"page by a name that does not exist", nil, "nowhere.invalid", local, addresses("192.168.1.5", "2001:db8::5")},
		{"page by nonsense", nil, "0.0.0.0", local, addresses("192.168.1.5", "2001:db8::5")},
		{"configured", []string{"198.51.100.1", " 2001:db8::1 ", "198.51.100.1"}, "192.168.1.5", local,
			addresses("198.51.100.1", "2001:db8::1")},
	} {
		if got := advertised(context.Background(), new(names), c.hosts, c.page, c.local); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// A name is resolved.
	if got := advertised(context.Background(), new(names), []string{"localhost"}, "", local); !slices.Contains(got, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("localhost: %v", got)
	}
}

func TestLeavesContainerBridgesOut(t *testing.T) {
	for _, name := range []string{"docker0", "docker_gwbridge", "br-1a2b3c", "cni0", "cni-podman0", "virbr0", "lxdbr0", "incusbr0", "kube-bridge"} {
		if !isBridge(name) {
			t.Errorf("%s is listened on", name)
		}
	}
	for _, name := range []string{"eth0", "enp3s0", "wlan0", "br0", "bond0", "lo", "tun0", "veth99", "vethb", "lxc1", "flannel.1"} {
		if isBridge(name) {
			t.Errorf("%s is not listened on", name)
		}
	}
}
