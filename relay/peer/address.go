package peer

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// bridges are the beginnings of the names that container engines and hypervisors give their bridges. Viewers are never behind them,
// and each address more costs every viewer checks. The host's ends of containers' links (veth, cali, lxc) need no rule: they have no
// address. The inner end, where the gateway itself is in the container, may have the same name and is all that viewers can reach.
var bridges = []string{"docker", "br-", "cni", "cbr", "podman", "nerdctl", "lxcbr", "lxdbr", "incusbr", "virbr", "kube-bridge"}

// hostLookup bounds the resolving of a page's host: the answer to an offer must not wait for a name server.
const hostLookup = 300 * time.Millisecond

// maxAdvertised bounds the addresses in an answer: a browser checks each of them.
const maxAdvertised = 12

// usable gives the addresses to listen on: those of interfaces that are up, without container bridges and link-local
// addresses. Loopback is always among them (a page may have come by it); it is advertised only where that makes sense.
func usable(scope Scope) ([]netip.Addr, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	var found []netip.Addr
	for _, ifc := range interfaces {
		if ifc.Flags&net.FlagUp == 0 || isBridge(ifc.Name) || (scope == Loopback && ifc.Flags&net.FlagLoopback == 0) {
			continue
		}
		addresses, err := ifc.Addrs()
		if err != nil {
			continue // it has just gone
		}
		for _, a := range addresses {
			prefix, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			ip, ok := netip.AddrFromSlice(prefix.IP)
			if !ok {
				continue
			}
			if ip = ip.Unmap(); listenable(ip) && !slices.Contains(found, ip) {
				found = append(found, ip)
			}
		}
	}
	// IPv4 first and loopback last: the order in which candidates are preferred.
	slices.SortStableFunc(found, func(a, b netip.Addr) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Compare(b))
	})
	return found, nil
}

func isBridge(name string) bool {
	return slices.ContainsFunc(bridges, func(b string) bool { return strings.HasPrefix(name, b) })
}

func listenable(ip netip.Addr) bool {
	return ip.IsValid() && !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast()
}

func rank(ip netip.Addr) int {
	r := 0
	if ip.IsLoopback() {
		r += 2
	}
	if ip.Is6() {
		r++
	}
	return r
}

// advertised gives the addresses for an answer, most promising first.
//
// Configured hosts stand alone. Otherwise it is the address by which the browser reached the page (it may be a router's or a
// container host's, so nothing of ours listens on it), then the local ones: loopback only if there is nothing else, or if the page
// itself came by it.
func advertised(ctx context.Context, names *names, hosts []string, page string, local []netip.Addr) []netip.Addr {
	var list []netip.Addr
	add := func(ip netip.Addr) {
		if ip = ip.Unmap().WithZone(""); listenable(ip) && !slices.Contains(list, ip) && len(list) < maxAdvertised {
			list = append(list, ip)
		}
	}
	if len(hosts) > 0 {
		for _, host := range hosts {
			for _, ip := range names.resolve(ctx, host) {
				add(ip)
			}
		}
		return list
	}
	for _, ip := range names.resolve(ctx, page) {
		add(ip)
	}
	outside := slices.ContainsFunc(local, func(ip netip.Addr) bool { return !ip.IsLoopback() })
	onLoopback := slices.ContainsFunc(list, netip.Addr.IsLoopback)
	for _, ip := range local {
		if !ip.IsLoopback() || !outside || onLoopback {
			add(ip)
		}
	}
	return list
}

// nameLife and maxNames bound the memory of what names resolved to: a wall opens its tiles at once, all by one name.
const (
	nameLife = time.Minute
	maxNames = 64
)

// names resolves hosts, and remembers.
type names struct {
	mu    sync.Mutex
	known map[string]name // guarded by mu
}

type name struct {
	addresses []netip.Addr
	until     time.Time
}

// resolve gives the addresses of a name, or of an address in its text form; none if it does not resolve in time.
func (n *names) resolve(ctx context.Context, host string) []netip.Addr {
	host = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(host), "["), "]")
	if host == "" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}
	}
	now := time.Now()
	n.mu.Lock()
	known, ok := n.known[host]
	n.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.addresses
	}
	ctx, cancel := context.WithTimeout(ctx, hostLookup)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		found = known.addresses // what it was before is the better guess
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) >= maxNames {
		n.known = make(map[string]name) // whoever calls us by so many names pays for the lookups
	}
	n.known[host] = name{addresses: found, until: now.Add(nameLife)}
	return found
}
