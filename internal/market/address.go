package market

import "net/netip"

// Network is what an internet address counts as where tries are counted: of IPv6 the network of 64 bits, since whoever has
// one address has all of it; otherwise the address itself.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}
