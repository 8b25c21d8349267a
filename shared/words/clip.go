package words

import (
	"handrail/shared/session"
	"handrail/shared/wire"
)

// The clipboard (S09), as the customer is asked for it.
const (
	promptClipBoth     Sentence = "%s asks to share the clipboard"
	promptClipOut      Sentence = "%s asks to paste what you copy"
	promptClipIn       Sentence = "%s asks to let you paste what they copy"
	promptClipBothWhy  Sentence = "What you copy from now on they can paste, and what they copy you can paste here: text, formatted text and pictures."
	promptClipOutWhy   Sentence = "Text, formatted text and pictures that you copy from now on they can paste on their computer."
	promptClipInWhy    Sentence = "You can then paste here what they copied. What you copy stays with you."
	promptWithClipBoth Sentence = "%s and share the clipboard"
	promptWithClipOut  Sentence = "%s and paste what you copy"
	promptWithClipIn   Sentence = "%s and let you paste what they copy"
	promptTogether     Sentence = "%s %s"

	moreClipBoth Sentence = "%s. Clipboard shared both ways."
	moreClipOut  Sentence = "%s. They can paste what you copy."
	moreClipIn   Sentence = "%s. You can paste what they copy."
	markClipBoth Sentence = "%s, and shares the clipboard"
	markClipOut  Sentence = "%s, and can paste what you copy"
	markClipIn   Sentence = "%s, and you can paste what they copy"
)

// How sharing the clipboard is named inside other sentences.
const (
	namedClipBoth Sentence = "share the clipboard both ways"
	namedClipOut  Sentence = "paste what the customer copies"
	namedClipIn   Sentence = "have what you copy pasted there"
	yoursClipBoth Sentence = "share the clipboard both ways"
	yoursClipOut  Sentence = "paste what you copy"
	yoursClipIn   Sentence = "let you paste what they copy"
	namedAnd      Sentence = "%s and %s"
)

// What the list says about the clipboard when the customer reads it.
const (
	clipBoth    Sentence = "The clipboard is shared: %s can paste what you copy, and you can paste what they copy."
	clipOut     Sentence = "%s can now paste what you copy."
	clipIn      Sentence = "You can now paste what %s copies."
	repEndsClip Sentence = "%s stopped sharing the clipboard."
	repEndsOut  Sentence = "%s can no longer paste what you copy."
	repEndsIn   Sentence = "What %s copies can no longer be pasted here."
)

// And when the rep reads it.
const (
	youClipBoth Sentence = "The clipboard is shared: you can paste what %s copies, and they can paste what you copy."
	youClipOut  Sentence = "You can now paste what %s copies."
	youClipIn   Sentence = "%s can now paste what you copy."
	youEndClip  Sentence = "You stopped sharing the clipboard."
	youEndOut   Sentence = "You can no longer paste what is copied there."
	youEndIn    Sentence = "What you copy can no longer be pasted there."
)

// The clipboard's tool under the customer's screen.
const (
	RemoteClipboard Sentence = "Clipboard"
	RemoteClipOff   Sentence = "Off"
	RemoteClipBoth  Sentence = "Both ways"
	RemoteClipIn    Sentence = "To the customer only: what I copy can be pasted there"
	RemoteClipOut   Sentence = "From the customer only: what is copied there I can paste"
	RemoteClipAsked Sentence = "The customer is asked about the clipboard."
	RemoteMore      Sentence = "More"
)

// ways chooses among three sentences by the ways a clipboard is shared.
func ways(p wire.Permission, both, out, in Sentence) Sentence {
	switch p & session.Clipboard {
	case wire.ClipOut:
		return out
	case wire.ClipIn:
		return in
	}
	return both
}

// clipPrompt is the question when the clipboard is in it. The part about the
// screen, empty where the screen is shared already as it shall be, is given.
func (s Speaker) clipPrompt(st session.State, what wire.Permission, title, meaning string) (string, string) {
	why := s.Say(ways(what, promptClipBothWhy, promptClipOutWhy, promptClipInWhy))
	if title == "" {
		return s.About(ways(what, promptClipBoth, promptClipOut, promptClipIn), st), why
	}
	return s.Say(ways(what, promptWithClipBoth, promptWithClipOut, promptWithClipIn), title), s.Say(promptTogether, meaning, why)
}

// clipNamed names the ways a clipboard is shared, to stand after "to".
func (s Speaker) clipNamed(p wire.Permission, reader wire.Role) string {
	if reader == wire.RoleCustomer {
		return s.Say(ways(p, yoursClipBoth, yoursClipOut, yoursClipIn))
	}
	return s.Say(ways(p, namedClipBoth, namedClipOut, namedClipIn))
}

// clipLine says what became of the clipboard where a line is about it alone;
// empty where it is about the screen. Where the clipboard comes together with
// the screen, the answer to the question has said so.
func (s Speaker) clipLine(l session.Line, st session.State) string {
	about := l.What
	switch l.Kind {
	case session.LineSharing:
		about = l.Fresh
	case session.LineWithdrawn:
	default:
		return ""
	}
	if about == 0 || about&^session.Clipboard != 0 {
		return ""
	}
	mine := st.Role == wire.RoleCustomer
	switch {
	case l.Kind == session.LineSharing && mine:
		return s.About(ways(l.What, clipBoth, clipOut, clipIn), st)
	case l.Kind == session.LineSharing:
		return s.About(ways(l.What, youClipBoth, youClipOut, youClipIn), st)
	case mine:
		return s.About(ways(l.What, repEndsClip, repEndsOut, repEndsIn), st)
	}
	return s.Say(ways(l.What, youEndClip, youEndOut, youEndIn))
}

// Mark says in the bar on the shared screen what the rep may do (C11).
func (s Speaker) Mark(what wire.Permission, since string) string {
	text := s.Say(MarkSees, since)
	if what.Has(wire.Control) {
		text = s.Say(MarkControls, since)
	}
	if what&session.Clipboard != 0 {
		text = s.Say(ways(what, markClipBoth, markClipOut, markClipIn), text)
	}
	return text
}
