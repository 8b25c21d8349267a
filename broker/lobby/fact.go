package lobby

import (
	"strconv"
	"time"

	"handrail/shared/wire"
)

// Fact is one thing in the life of a session, for its record (T01) and for
// other programs that want to hear of it (T03). The lobby gives facts in the
// order in which they happened, in the same step as the decision itself, so
// that what is told and what is kept can't differ.
type Fact struct {
	Session wire.SessionID
	At      time.Time
	What    What
	Rep     uint64            // who did it or to whom; 0: nobody
	Queue   string            // where
	Detail  map[string]string // by names that are kept and exported; see What
}

// What names a kind of fact. The names are kept and exported: never change one.
type What string

const (
	FactCame      What = "session.came"      // portal, start (rep, issue, key), name, company, companyCode, issue, description, system, locale, address; field.NAME
	FactEntered   What = "session.entered"   // the customer's program connected
	FactAgreed    What = "agreement.yes"     //
	FactNotAgreed What = "agreement.no"      // why: said, silence
	FactRecording What = "recording.answer"  // said: yes, no
	FactQueued    What = "session.queued"    // why: start, lost, moved
	FactTaken     What = "session.taken"     // by a rep; waited: seconds
	FactJoined    What = "session.join"      // a rep is in the session
	FactLeft      What = "session.leave"     // a rep is no more; why
	FactMoved     What = "session.moved"     // to; note is not in it
	FactEnded     What = "session.end"       // why: by wire.EndWhy's names
	FactSurvey    What = "survey.answers"    // answer.ID: text; it comes after session.end
	FactPushed    What = "notice.pushed"     // session is zero; notice, portal
	FactAbandoned What = "session.abandoned" // the customer left while waiting; waited: seconds

	// What a rep's console tells of a session that it has (T01). Permissions
	// are by the names of package policy, with commas between them.
	FactAsked       What = "permission.asked"    // what
	FactAnswered    What = "permission.answered" // what; said: yes, no, silence, cannot, replaced, taken-back
	FactSharing     What = "sharing.changed"     // what is shared now, none where nothing is; why: granted, stopped, withdrawn, layout, failed
	FactFileOffered What = "file.offered"        // by: customer, rep; offer: that side's number of it; size, items; name where the organisation's broker may read it
	FactFileAllowed What = "file.allowed"        // likewise, as in all of file
	FactFileRefused What = "file.refused"        // by somebody, or by time
	FactFileArrived What = "file.arrived"        //
	FactFileStopped What = "file.stopped"        // on its way, or for want of room
	FactNote        What = "session.note"        // the rep's notes, in place of those before; outcome: solved, unsolved, follow-up; text
	FactCutOff      What = "record.cut"          // the rep's console has told more than is kept of a session
)

// whyNames are what records call the ends of sessions.
var whyNames = map[wire.EndWhy]string{
	wire.EndByCustomer: "customer", wire.EndByRep: "rep", wire.EndLost: "lost", wire.EndWrongSecret: "wrong-secret",
	wire.EndNeverMet: "never-met", wire.EndDeclined: "declined", wire.EndByBroker: "broker", wire.EndMoved: "moved",
	wire.EndNotAgreed: "not-agreed", wire.EndForNotice: "notice", wire.EndNobody: "nobody", wire.EndNotVerified: "not-verified",
}

// What records call what a console tells.
var (
	saidNames = map[wire.Verdict]string{
		wire.Allowed: "yes", wire.Refused: "no", wire.Silence: "silence", wire.CantHere: "cannot", wire.Replaced: "replaced", wire.TakenBack: "taken-back",
	}
	sharingNames = map[wire.SharingWhy]string{
		wire.SharingGranted: "granted", wire.SharingStopped: "stopped", wire.SharingWithdrawn: "withdrawn", wire.SharingLayout: "layout", wire.SharingFailed: "failed",
	}
	fileFacts = map[wire.FileState]What{
		wire.FileOffered: FactFileOffered, wire.FileAllowed: FactFileAllowed, wire.FileRefused: FactFileRefused,
		wire.FileArrived: FactFileArrived, wire.FileStopped: FactFileStopped,
	}
	tellings = map[What]wire.Happened{
		FactAsked: wire.HappenedAsked, FactAnswered: wire.HappenedAnswered, FactSharing: wire.HappenedSharing, FactNote: wire.HappenedNote,
	}
	outcomeNames = map[wire.Outcome]string{wire.OutcomeSolved: "solved", wire.OutcomeUnsolved: "unsolved", wire.OutcomeFollowUp: "follow-up"}
)

// OutcomeName is what records call a rep's word on how a session ended; empty
// for none.
func OutcomeName(o wire.Outcome) string { return outcomeNames[o] }

// OutcomeNamed is OutcomeName's way back.
func OutcomeNamed(name string) wire.Outcome {
	o, _ := named(outcomeNames, name)
	return o
}

// named finds what has a name.
func named[K, V comparable](names map[K]V, name V) (found K, known bool) {
	for k, n := range names {
		if n == name {
			return k, true
		}
	}
	return found, false
}

// Entry is what a console told, as it said it, and whether the fact is one of
// those.
func (f Fact) Entry() (e wire.Entry, known bool) {
	if state, is := named(fileFacts, f.What); is {
		size, _ := strconv.ParseUint(f.Detail["size"], 10, 64) // what is no number is nothing
		items, _ := strconv.ParseUint(f.Detail["items"], 10, 32)
		e = wire.Entry{Happened: wire.HappenedFile, State: state, By: wire.RoleCustomer, Text: f.Detail["name"], Size: size, Items: uint32(items)}
		if f.Detail["by"] == "rep" {
			e.By = wire.RoleRep
		}
		return e, true
	}
	e.Happened, known = tellings[f.What]
	e.What = permitted(f.Detail["what"])
	e.Verdict, _ = named(saidNames, f.Detail["said"])
	e.Why, _ = named(sharingNames, f.Detail["why"])
	e.Outcome = OutcomeNamed(f.Detail["outcome"])
	return e, known
}

// fact tells a fact of v; details are names and values in turn.
func (l *Lobby) fact(now time.Time, v *visit, what What, rep uint64, queue string, details ...string) {
	f := Fact{Session: v.ID, At: now, What: what, Rep: rep, Queue: queue}
	for i := 0; i+1 < len(details); i += 2 {
		if details[i+1] == "" {
			continue
		}
		if f.Detail == nil {
			f.Detail = map[string]string{}
		}
		f.Detail[details[i]] = details[i+1]
	}
	l.do(SaveFact{f})
}

func (l *Lobby) cameFact(now time.Time, v *visit) {
	details := []string{
		"portal", v.Portal, "start", v.Start, "name", v.Name, "company", v.Company, "companyCode", v.CompanyCode,
		"issue", v.Issue, "description", v.Description, "system", v.System, "locale", v.Locale, "address", v.From,
	}
	for _, f := range v.Fields {
		details = append(details, "field."+f.Name, f.Value)
	}
	l.fact(now, v, FactCame, 0, v.Queue, details...)
}

// waited is a time in whole seconds.
func waited(now, since time.Time) string {
	return strconv.FormatInt(int64(now.Sub(since)/time.Second), 10)
}
