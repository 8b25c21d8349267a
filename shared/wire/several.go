package wire

import "errors"

// Messages of organisations with several brokers (control plane). Each key and
// each customer is at one of them.

const (
	KindElsewhere Kind = 38
	KindBrokers   Kind = 39
)

// Limits of these messages.
const (
	MaxBrokers = 32
	MaxAddress = 262 // bytes of host:port
)

// Elsewhere answers Join, Enter and Rejoin (About) at a broker that does not
// have what the client wants: it is to be asked for, with the same message, at
// Address, whose certificate has the same pin.
type Elsewhere struct {
	Address string   `cbor:"1,keyasint" json:"address"`
	About   Kind     `cbor:"2,keyasint" json:"about"`
	Key     [16]byte `cbor:"3,keyasint,omitzero" json:"key,omitzero"` // the session it is about
}

// Brokers tells a rep where customers may be, after SignedIn, and whenever that
// changes. This broker is the first of them, who can have been reached by another
// name than its own. A console keeps a connection to each.
type Brokers struct {
	Addresses []string `cbor:"1,keyasint,omitempty" json:"addresses,omitempty"`
}

// Kind tells the message's number.
func (*Elsewhere) Kind() Kind { return KindElsewhere }
func (*Brokers) Kind() Kind   { return KindBrokers }

// severalRow is the table's part for these messages.
func severalRow(k Kind) row {
	switch k {
	case KindElsewhere:
		return row{"Elsewhere", of[Elsewhere], broker, 0, false}
	case KindBrokers:
		return row{"Brokers", of[Brokers], broker, 0, false}
	}
	return row{}
}

func (m *Elsewhere) check() error {
	return errors.Join(hostPort(m.Address), filled("about", int(m.About)))
}

func (m *Brokers) check() error {
	return errors.Join(atMost("brokers", len(m.Addresses), MaxBrokers), each(m.Addresses, func(s *string) error { return hostPort(*s) }))
}

func hostPort(s string) error {
	return errors.Join(filled("address", len(s)), line("address", s, MaxAddress))
}
