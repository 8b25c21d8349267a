package words

import (
	"handrail/shared/session"
	"handrail/shared/wire"
)

// What the list says when the three words were compared.
const (
	youVerified  Sentence = "You and %s read the same three words: nobody stands between you."
	theyVerified Sentence = "%s reads the same three words: nobody stands between you."
)

// verifiedLine says so to the reader.
func (s Speaker) verifiedLine(st session.State) string {
	if st.Role == wire.RoleCustomer {
		return s.About(youVerified, st)
	}
	return s.About(theyVerified, st)
}
