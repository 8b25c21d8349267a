package link

import (
	"crypto/hmac"
	"crypto/sha1" // the TURN REST interface says so; HMAC-SHA-1 is still sound
	"encoding/base64"
	"encoding/hex"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

// TURNCredentials makes what a client of a session authenticates with at this
// relay, or at any that has the secret and keeps to the TURN REST interface
// (draft-uberti-behave-turn-rest-00, section 2.2), such as coturn. After until
// no relay address can be had or renewed with them.
func TURNCredentials(secret []byte, session wire.SessionID, until time.Time) (user, password string) {
	user = strconv.FormatInt(until.Unix(), 10) + ":" + hex.EncodeToString(session[:])
	return user, turnPassword(secret, user)
}

// parseTURNUser reads the user's name of TURNCredentials, in the one spelling
// it has.
func parseTURNUser(user string) (until time.Time, session wire.SessionID, ok bool) {
	end, name, _ := strings.Cut(user, ":")
	seconds, err := strconv.ParseInt(end, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != end {
		return time.Time{}, session, false
	}
	session, ok = parseTURNSession(name)
	return time.Unix(seconds, 0), session, ok
}

func parseTURNSession(name string) (session wire.SessionID, ok bool) {
	if len(name) != hex.EncodedLen(len(session)) || strings.ToLower(name) != name {
		return session, false
	}
	_, err := hex.Decode(session[:], []byte(name))
	return session, err == nil
}

func turnPassword(secret []byte, user string) string {
	m := hmac.New(sha1.New, secret)
	m.Write([]byte(user))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// authenticate gives the key that a request must be signed with, and the
// session in whose name it speaks.
func (t *TURN) authenticate(r *turn.RequestAttributes) (userID string, key []byte, ok bool) {
	until, session, ok := parseTURNUser(r.Username)
	switch {
	case !ok:
		t.tally.BadCredentials.Add(1)
		return "", nil, false
	case time.Now().After(until):
		t.tally.Expired.Add(1)
		return "", nil, false
	case !t.lives(session):
		t.tally.Ended.Add(1)
		return "", nil, false
	}
	_, userID, _ = strings.Cut(r.Username, ":")
	return userID, turn.GenerateAuthKey(r.Username, r.Realm, turnPassword(t.config.Secret, r.Username)), true
}

func (t *TURN) lives(session wire.SessionID) bool {
	return t.config.Lives == nil || t.config.Lives(session)
}

// quota says whether there may be one more relay address; a session's own
// limit is kept by relayMaker.
func (t *TURN) quota(_, _ string, _ net.Addr) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.seats >= t.config.Total {
		t.tally.Full.Add(1)
		return false
	}
	return true
}
