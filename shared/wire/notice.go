package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Messages of notices that a rep tells everybody who waits (control plane).

const (
	KindNoticeboard Kind = 44
	KindPushNotice  Kind = 45
	KindEndNotice   Kind = 46
	KindNoticeKept  Kind = 47
)

// Limits of these messages.
const (
	MaxNotices     = 10            // that count in a portal at one time
	MaxNoticeTitle = 80            // characters
	MaxNoticeText  = 1020          // likewise
	MinNoticeLife  = 60            // seconds
	MaxNoticeLife  = 7 * 24 * 3600 // likewise
)

// Noticeboard tells a rep who may push notices, after SignedIn and whenever it
// changes, of a portal: its name, how many customers of this broker's wait
// there, and which pushed notices count now. Without a Name the rep has no say
// there any more.
type Noticeboard struct {
	Portal  string   `cbor:"1,keyasint" json:"portal"`
	Name    string   `cbor:"2,keyasint,omitempty" json:"name,omitempty"`
	Waiting uint32   `cbor:"3,keyasint,omitempty" json:"waiting,omitempty"`
	Notices []Notice `cbor:"4,keyasint,omitempty" json:"notices,omitempty"`
}

// Notice is one that was pushed and counts. Told is how many customers of this
// broker's waited when it came, as far as the broker remembers.
type Notice struct {
	ID    uint64 `cbor:"1,keyasint" json:"id"`
	Title string `cbor:"2,keyasint" json:"title"`
	Text  string `cbor:"3,keyasint" json:"text"`
	Until int64  `cbor:"4,keyasint,omitempty" json:"until,omitempty"` // broker's clock, Unix milliseconds; 0: until it is ended
	Leave bool   `cbor:"5,keyasint,omitempty" json:"leave,omitempty"`
	Told  uint32 `cbor:"6,keyasint,omitempty" json:"told,omitempty"`
}

// PushNotice tells everybody who waits in a portal something, and those who
// come in the next Life seconds. The broker answers NoticeKept or Problem.
// Request makes a repeated PushNotice harmless, also at another broker: the
// notice's ID is made of it.
type PushNotice struct {
	Request [16]byte `cbor:"1,keyasint" json:"request"`
	Portal  string   `cbor:"2,keyasint" json:"portal"`
	Title   string   `cbor:"3,keyasint" json:"title"`
	Text    string   `cbor:"4,keyasint" json:"text"`
	Life    uint32   `cbor:"5,keyasint" json:"life"`
	Leave   bool     `cbor:"6,keyasint,omitempty" json:"leave,omitempty"`
}

// NoticeID is the ID of the notice: 53 bits of the request, which every program
// that reads JSON can tell apart, and not 0.
func (m *PushNotice) NoticeID() uint64 {
	return max(binary.BigEndian.Uint64(m.Request[:8])&(1<<53-1), 1)
}

// EndNotice ends a notice that was pushed. It is answered as PushNotice is.
type EndNotice struct {
	Request [16]byte `cbor:"1,keyasint" json:"request"`
	Portal  string   `cbor:"2,keyasint" json:"portal"`
	ID      uint64   `cbor:"3,keyasint" json:"id"`
}

// NoticeKept says that what was asked is kept: all brokers do it now.
type NoticeKept struct {
	Request [16]byte `cbor:"1,keyasint" json:"request"`
}

// Kind tells the message's number.
func (*Noticeboard) Kind() Kind { return KindNoticeboard }
func (*PushNotice) Kind() Kind  { return KindPushNotice }
func (*EndNotice) Kind() Kind   { return KindEndNotice }
func (*NoticeKept) Kind() Kind  { return KindNoticeKept }

// noticeRow is the table's part for these messages.
func noticeRow(k Kind) row {
	switch k {
	case KindNoticeboard:
		return row{"Noticeboard", of[Noticeboard], broker, 0, false}
	case KindPushNotice:
		return row{"PushNotice", of[PushNotice], rep, 0, false}
	case KindEndNotice:
		return row{"EndNotice", of[EndNotice], rep, 0, false}
	case KindNoticeKept:
		return row{"NoticeKept", of[NoticeKept], broker, 0, false}
	}
	return row{}
}

func (m *Noticeboard) check() error {
	seen := map[uint64]bool{}
	return errors.Join(portalID(m.Portal), name("name", m.Name), atMost("notices", len(m.Notices), MaxNotices),
		each(m.Notices, func(n *Notice) error {
			if seen[n.ID] {
				return fmt.Errorf("notice %d twice", n.ID)
			}
			seen[n.ID] = true
			return errors.Join(filled("id", int(min(n.ID, 1))), noticeText(n.Title, n.Text), moment("until", n.Until))
		}))
}

func (m *PushNotice) check() error {
	return errors.Join(portalID(m.Portal), noticeText(m.Title, m.Text), within("life", int(m.Life), MinNoticeLife, MaxNoticeLife))
}

func (m *EndNotice) check() error {
	return errors.Join(portalID(m.Portal), filled("id", int(min(m.ID, 1))))
}

func (*NoticeKept) check() error { return nil }

func portalID(id string) error {
	return errors.Join(filled("portal", len(id)), line("portal", id, MaxQueue))
}

// noticeText checks a notice's title and text. A character has at most four
// bytes.
func noticeText(title, body string) error {
	return errors.Join(filled("title", len(title)), line("title", title, 4*MaxNoticeTitle), filled("text", len(body)), text("text", body, 4*MaxNoticeText),
		atMost("characters of a title", utf8.RuneCountInString(title), MaxNoticeTitle), atMost("characters of a text", utf8.RuneCountInString(body), MaxNoticeText))
}
