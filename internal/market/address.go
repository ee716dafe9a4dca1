package market

import (
	"net/mail"
	"net/netip"
	"strings"
	"unicode/utf8"
)

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

// ValidEmail reports whether a normalised text is a plain address of a domain with a dot.
func ValidEmail(text string) bool {
	if len(text) > 254 || !strings.Contains(text, ".") || strings.ContainsRune(text, utf8.RuneError) {
		return false
	}
	addr, err := mail.ParseAddress(text)
	return err == nil && addr.Address == text
}
