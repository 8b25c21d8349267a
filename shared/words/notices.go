package words

import "time"

// A notice that a rep pushes to everybody who waits (P07).
const (
	TellOpen     Sentence = "Tell everybody…"
	TellHint     Sentence = "Push a notice to everybody who waits, and end notices"
	TellTitle    Sentence = "Tell everybody waiting"
	TellPortal   Sentence = "Portal"
	TellHead     Sentence = "Title"
	TellText     Sentence = "What should everybody know?"
	TellHeadLong Sentence = "The title: %s"
	TellTermOf   Sentence = "How long it counts"
	TellLeave    Sentence = "Offer to leave because of it"
	TellAbout    Sentence = "Whoever comes meanwhile reads it, too, on the portal and while waiting."
	TellGo       Sentence = "Tell everybody"
	TellGoing    Sentence = "Telling…"
	TellShut     Sentence = "Close"
	TellCounts   Sentence = "What counts there now"
	TellEnd      Sentence = "End now"
	TellEnding   Sentence = "Ending…"
	TellSent     Sentence = "Everybody who waits is told now."
	TellEndHint  Sentence = "Nobody reads this notice from now on"

	tellWaitsNone Sentence = "Nobody waits there now."
	tellWaitsOne  Sentence = "1 person waits there now."
	tellWaits     Sentence = "%d people wait there now."
	tellDoneNone  Sentence = "Nobody waits there now. Whoever comes reads it."
	tellDoneOne   Sentence = "Told 1 person."
	tellDone      Sentence = "Told %d people."
	tellLength    Sentence = "%d of %d characters"
	tellOverOne   Sentence = "1 character too many"
	tellOver      Sentence = "%d characters too many"
	tellUntil     Sentence = "Until %s"
	tellUntilDay  Sentence = "Until %s, %s"
	tellNoEnd     Sentence = "Until somebody ends it"
	tellToldOne   Sentence = "told 1 person"
	tellTold      Sentence = "told %d people"
	tellMinutes   Sentence = "%d minutes"
	tellHour      Sentence = "1 hour"
	tellHours     Sentence = "%d hours"
	tellMidnight  Sentence = "Until midnight"
)

// WaitThere says how many wait in a portal.
func (s Speaker) WaitThere(n int) string { return s.counted(n, tellWaitsNone, tellWaitsOne, tellWaits) }

// Told says how many have been told a notice; less than 0 is not known yet.
func (s Speaker) Told(n int) string {
	if n < 0 {
		return s.Say(TellSent)
	}
	return s.counted(n, tellDoneNone, tellDoneOne, tellDone)
}

// Length says how long a text is, of what it may be at most.
func (s Speaker) Length(n, most int) string {
	switch over := n - most; {
	case over == 1:
		return s.Say(tellOverOne)
	case over > 1:
		return s.Say(tellOver, over)
	}
	return s.Say(tellLength, n, most)
}

// Counts says until when a notice counts, a zero time being for good, and how
// many were told it, as far as that is known.
func (s Speaker) Counts(until, now time.Time, told int) string {
	text := s.Say(tellNoEnd)
	switch {
	case until.IsZero():
	case until.Before(now.Add(18 * time.Hour)):
		text = s.Say(tellUntil, s.Clock(until))
	default:
		text = s.Say(tellUntilDay, s.Day(until), s.Clock(until))
	}
	if told > 0 {
		text += " · " + s.counted(told, "", tellToldOne, tellTold)
	}
	return text
}

// Term is how long a notice counts; 0 is until midnight.
func (s Speaker) Term(d time.Duration) string {
	switch {
	case d == 0:
		return s.Say(tellMidnight)
	case d < time.Hour:
		return s.Say(tellMinutes, int(d/time.Minute))
	case d == time.Hour:
		return s.Say(tellHour)
	}
	return s.Say(tellHours, int(d/time.Hour))
}

func (s Speaker) counted(n int, none, one, many Sentence) string {
	switch n {
	case 0:
		return s.Say(none)
	case 1:
		return s.Say(one)
	}
	return s.Say(many, n)
}
