package report

import (
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/transcript"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// timeline is what happened, in order.
func (v *viewer) timeline(s *record.Whole) (events []event) {
	for _, f := range s.Facts {
		e := event{Time: v.precise(f.At), What: v.fact(&s.Record, f)}
		if f.What == lobby.FactCame {
			e.Details = said([]pair{
				{v.say.Say(words.ReportBegan), called(v, starts, f.Detail["start"])},
				{v.say.Say(words.ReportIssue), f.Detail["issue"]},
			})
		}
		events = append(events, e)
	}
	return events
}

// fact is what happened, as a sentence.
func (v *viewer) fact(r *record.Record, f lobby.Fact) string {
	say, queue, waited := v.say.Say, v.queue(f.Queue), ""
	if n, err := strconv.ParseUint(f.Detail["waited"], 10, 31); err == nil {
		waited = v.span(time.Duration(n) * time.Second)
	}
	switch f.What {
	case lobby.FactCame:
		if r.Portal == "" {
			return say(words.FactCameAlone)
		}
		return say(words.FactCame, v.portal(r.Portal))
	case lobby.FactEntered:
		return say(words.FactEntered)
	case lobby.FactAgreed:
		return say(words.FactAgreed)
	case lobby.FactNotAgreed:
		if f.Detail["why"] == "silence" {
			return say(words.FactSilent)
		}
		return say(words.FactNotAgreed)
	case lobby.FactRecording:
		if f.Detail["said"] == "yes" {
			return say(words.FactMayRecord)
		}
		return say(words.FactNoRecord)
	case lobby.FactQueued:
		switch {
		case queue == "":
			return say(words.FactQueuedAt)
		case f.Detail["why"] == "lost" || f.Detail["why"] == "moved":
			return say(words.FactAgain, queue)
		}
		return say(words.FactQueued, queue)
	case lobby.FactTaken:
		if waited == "" {
			return say(words.FactTaken, v.rep(f.Rep))
		}
		return say(words.FactTakenIn, v.rep(f.Rep), waited)
	case lobby.FactJoined:
		return say(words.FactJoined, v.rep(f.Rep))
	case lobby.FactLeft:
		return say(words.FactLeft, v.rep(f.Rep))
	case lobby.FactMoved:
		to := f.Detail["to"]
		if to == "" {
			to = f.Queue
		}
		return say(words.FactMoved, v.queue(to))
	case lobby.FactEnded:
		if why := f.Detail["why"]; why != "" {
			return say(words.FactEnded, called(v, endings, why))
		}
		return say(words.FactEndedOnly)
	case lobby.FactSurvey:
		if f.Rep != 0 {
			return say(words.FactRepSurvey, v.rep(f.Rep))
		}
		return say(words.FactSurvey)
	case lobby.FactAbandoned:
		if waited == "" {
			return say(words.FactAbandoned)
		}
		return say(words.FactAfter, waited)
	}
	return v.told(r, f)
}

// told is what a rep's console has told, in the words of transcripts: without
// the full stop, as all of the timeline.
func (v *viewer) told(r *record.Record, f lobby.Fact) string {
	e, known := f.Entry()
	switch {
	case f.What == lobby.FactCutOff:
		return v.say.Say(words.FactCutOff, v.rep(f.Rep))
	case f.What == lobby.FactNote && e.Outcome != wire.OutcomeNone:
		return v.say.Say(words.FactNotedAs, v.rep(f.Rep), v.say.Outcome(e.Outcome)) // the text is above
	case f.What == lobby.FactNote:
		return v.say.Say(words.FactNoted, v.rep(f.Rep))
	case !known:
		return string(f.What)
	}
	_, text := v.say.Transcript(transcript.Line{Rep: v.rep(f.Rep), Customer: r.Name, Entry: e})
	return strings.TrimSuffix(text, ".")
}
