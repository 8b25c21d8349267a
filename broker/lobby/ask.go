package lobby

import (
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// recordingWait is how long a customer may think about being recorded.
// Silence is no, and costs only this time.
const recordingWait = 2 * time.Minute

// unanswered is what is still to be asked of the customer: the agreement (row W01),
// then the recording (row W02); 0 is nothing.
func (l *Lobby) unanswered(v *visit) wire.Asked {
	p := l.portal(v)
	switch {
	case p.Agreement.On && !v.Agreed:
		return wire.AskedAgreement
	case p.Recording && v.Recording == wire.ConsentNotAsked:
		return wire.AskedRecording
	}
	return 0
}

// ask asks the customer what is still to be asked before a rep comes. After that
// it is the queue's turn, or that of the rep whose key brought the customer.
func (l *Lobby) ask(now time.Time, v *visit) {
	v.Asked = l.unanswered(v)
	switch {
	case v.Asked == wire.AskedAgreement:
		v.State, v.Until = Asked, now.Add(l.portal(v).Agreement.Life())
	case v.Asked == wire.AskedRecording:
		v.State, v.Until = Asked, now.Add(recordingWait)
	case v.Number != "":
		l.meetByKey(now, v)
		return
	default:
		l.queue(now, v, v.Queue, "start")
		l.greet(now, v)
		return
	}
	l.question(v)
}

// question says the open question. Its ID is what it asks, so that an answer
// to the one before is never taken for one to this.
func (l *Lobby) question(v *visit) {
	q := &wire.Question{Session: v.ID, ID: uint32(v.Asked), What: v.Asked, Until: v.Until.UnixMilli()}
	name := settings.RecordingText
	if v.Asked == wire.AskedAgreement {
		name = settings.AgreementText
		q.Title = l.title(v, settings.AgreementTitle)
	}
	q.Text = l.text(v, name, nil)
	l.say(v, q)
}

// decision is the customer's answer. One that comes late, or twice, is nothing.
func (l *Lobby) decision(now time.Time, c *client, d *wire.Decision) {
	v := c.visit
	if v == nil || v.ID != d.Session || v.State != Asked || d.ID != uint32(v.Asked) {
		return
	}
	v.Spoken = true
	l.forgetCode(v)
	l.decided(now, v, d.Yes, "said")
}

// decided goes on after an answer, or after its time.
func (l *Lobby) decided(now time.Time, v *visit, yes bool, how string) {
	switch {
	case v.Asked == wire.AskedRecording:
		v.Recording = wire.ConsentDeclined
		said := "no"
		if yes {
			v.Recording, said = wire.ConsentGiven, "yes"
		}
		l.fact(now, v, FactRecording, 0, "", "said", said)
	case !yes:
		l.fact(now, v, FactNotAgreed, 0, "", "why", how)
		l.end(now, v, wire.EndNotAgreed, false)
		return
	default:
		v.Agreed = true
		l.fact(now, v, FactAgreed, 0, "")
	}
	l.ask(now, v)
	l.saveVisit(v)
}
