package words

import (
	"cmp"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// What becomes of what is said in a session, in its list and where the customer
// writes.
const (
	keptSealed    Sentence = "%s keeps this conversation. Only people whom it has let in can read it."
	keptReadable  Sentence = "%s keeps this conversation and can read it."
	keptByUnnamed Sentence = "The organisation"

	keptSealedRep   Sentence = "This conversation is kept. Only people whom your organisation has let in can read it."
	keptReadableRep Sentence = "This conversation is kept. Whoever may see reports can read it."
)

// Kept says what becomes of what is said; "" where it is forgotten.
func (s Speaker) Kept(keep wire.Keep, st session.State) string {
	rep := st.Role == wire.RoleRep
	organisation := short(cmp.Or(st.Organisation, s.Say(keptByUnnamed)), longestName)
	switch {
	case keep == wire.KeepSealed && rep:
		return s.Say(keptSealedRep)
	case keep == wire.KeepReadable && rep:
		return s.Say(keptReadableRep)
	case keep == wire.KeepSealed:
		return s.Say(keptSealed, organisation)
	case keep == wire.KeepReadable:
		return s.Say(keptReadable, organisation)
	}
	return ""
}
