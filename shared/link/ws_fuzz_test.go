package link

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzRelayAddress: what is read as a relay has a host and a port, and leads to
// no other place of a web server than the relay.
func FuzzRelayAddress(f *testing.F) {
	for _, s := range []string{
		"turn:relay.example:3478?transport=udp", "turns:relay.example:443?transport=tcp", "turn:[2001:db8::1]", "turn:[2001:db8:]1:",
		"wss://relay.example/handrail/turn", "wss://relay.example:4443/handrail/turn", "wss://x@y/handrail/turn?z", "stun:x", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := parseRelay(s)
		if !ok {
			if CheckRelay(s) == nil {
				t.Errorf("%q may be configured, but not used", s)
			}
			return
		}
		if u.Host == "" || u.Port < 1 || u.Port > 0xffff {
			t.Errorf("%q leads to %q, port %d", s, u.Host, u.Port)
		}
		if !strings.HasPrefix(s, "wss:") {
			return
		}
		at, err := url.Parse(s)
		if err != nil || at.Path != PathTURN || at.RawQuery != "" || at.User != nil || CheckRelay(s) == nil {
			t.Errorf("%q is taken", s)
		}
	})
}

// FuzzMessageToPacket: however a message comes in, it is a packet as it is, or
// too long.
func FuzzMessageToPacket(f *testing.F) {
	f.Add([]byte("packet"), byte(0))
	f.Add(make([]byte, webPacket), byte(1))
	f.Add(make([]byte, webPacket+1), byte(2))
	f.Add([]byte{}, byte(3))
	f.Fuzz(func(t *testing.T, message []byte, how byte) {
		var r io.Reader = bytes.NewReader(message)
		switch how % 4 {
		case 1:
			r = iotest.OneByteReader(r)
		case 2:
			r = iotest.HalfReader(r)
		case 3:
			r = iotest.DataErrReader(r)
		}
		b := make([]byte, webPacket)
		n, err := readAll(r, b)
		if long := len(message) > webPacket; long != (err != nil) || !long && !bytes.Equal(b[:n], message) {
			t.Errorf("%d bytes became %d, %v", len(message), n, err)
		}
	})
}
