package secret

import (
	"crypto/hmac"
	"crypto/sha512"
)

// Party is the side that proves itself.
type Party byte

// The two sides of a session.
const (
	Rep      Party = stepRepResume
	Customer Party = stepCustomerResume
)

// Resume gives the message by which a party proves, on a new connection of a
// session, that it is the one from the proved connection that key (ResumeKey)
// comes from. sid is the new connection's exporter, so the message is worth
// nothing anywhere else.
func Resume(key, sid []byte, who Party) []byte {
	m := hmac.New(sha512.New, key)
	m.Write(lvCat([]byte("handrail resume"), []byte{byte(who)}, sid))
	return m.Sum([]byte{byte(who)})
}

// CheckResume checks what Resume made at the other end, where who is the
// sender. Its errors are ErrWrongSecret, ErrMessage and, without a key or with
// half an exporter, ErrOrder.
func CheckResume(key, sid []byte, who Party, b []byte) error {
	if len(key) == 0 || len(sid) != SID {
		return ErrOrder // nothing was proved yet: nothing to compare with
	}
	if len(b) != MaxStep || b[0] != byte(who) {
		return ErrMessage
	}
	if !hmac.Equal(b, Resume(key, sid, who)) {
		return ErrWrongSecret
	}
	return nil
}
