package report

import (
	"maps"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// sessionData is a session in JSON. The names are kept: never change one.
type sessionData struct {
	Session     wire.SessionID    `json:"session"`
	Portal      string            `json:"portal"`
	Start       string            `json:"start"`
	Outcome     record.Outcome    `json:"outcome"`
	Came        time.Time         `json:"came,omitzero"`
	Entered     time.Time         `json:"entered,omitzero"`
	Taken       time.Time         `json:"taken,omitzero"`
	Ended       time.Time         `json:"ended,omitzero"`
	Why         string            `json:"why,omitempty"`
	Name        string            `json:"name,omitempty"`
	Company     string            `json:"company,omitempty"`
	CompanyCode string            `json:"companyCode,omitempty"`
	Issue       string            `json:"issue,omitempty"`
	Description string            `json:"description,omitempty"`
	System      string            `json:"system,omitempty"`
	Locale      string            `json:"locale,omitempty"`
	Address     string            `json:"address,omitempty"`
	Fields      map[string]string `json:"fields,omitempty"`
	FirstQueue  string            `json:"firstQueue,omitempty"`
	Queue       string            `json:"queue,omitempty"`
	Team        *named            `json:"team,omitempty"`
	Rep         *named            `json:"rep,omitempty"`
	Waited      int64             `json:"waitedSeconds"`
	Lasted      int64             `json:"lastedSeconds"`
	Agreed      *bool             `json:"agreed,omitempty"`
	Recording   *bool             `json:"recording,omitempty"`
	Rating      int               `json:"rating,omitempty"`
	Result      string            `json:"result,omitempty"` // by lobby.OutcomeName
}

type named struct {
	ID   uint64 `json:"id"`
	Name string `json:"name"`
}

func (v *viewer) data(r *record.Record) sessionData {
	d := sessionData{
		Session: r.Session, Portal: r.Portal, Start: r.Start, Outcome: r.Outcome, Came: local(r.Came, v), Entered: local(r.Entered, v),
		Taken: local(r.Taken, v), Ended: local(r.Ended, v), Why: r.Why, Name: r.Name, Company: r.Company, CompanyCode: r.CompanyCode,
		Issue: r.Issue, Description: r.Description, System: r.System, Locale: r.Locale, Address: r.Address, Fields: maps.Clone(r.Fields),
		FirstQueue: r.FirstQueue, Queue: r.Queue, Waited: int64(r.Waited / time.Second), Lasted: int64(r.Lasted / time.Second), Rating: r.Rating,
		Result: lobby.OutcomeName(r.Result),
		Agreed: truth(r.Agreed), Recording: truth(r.Recording),
	}
	if r.Team != 0 {
		d.Team = &named{r.Team, v.team(r.Team)}
	}
	if r.Rep != 0 {
		d.Rep = &named{r.Rep, v.rep(r.Rep)}
	}
	return d
}

func local(at time.Time, v *viewer) time.Time {
	if at.IsZero() {
		return at
	}
	return at.In(v.zone)
}

func truth(a record.Answer) *bool {
	if a == record.NotAsked {
		return nil
	}
	yes := a == record.Yes
	return &yes
}

// wholeData is everything about a session in JSON.
type wholeData struct {
	sessionData
	People  []personData `json:"people"`
	Answers []answerData `json:"answers"`
	Facts   []factData   `json:"facts"`
	Notes   []noteData   `json:"notes"`
	Said    []saidData   `json:"said"`   // where the broker may read it
	Sealed  []sealedData `json:"sealed"` // for those who can open it
}

type personData struct {
	Rep    named     `json:"rep"`
	Joined time.Time `json:"joined,omitzero"`
	Left   time.Time `json:"left,omitzero"`
}

type answerData struct {
	Question uint32 `json:"question"`
	Rep      bool   `json:"rep,omitempty"` // the rep was asked, not the customer
	Answer   string `json:"answer"`
}

type factData struct {
	Time   time.Time         `json:"time"`
	Event  lobby.What        `json:"event"`
	Rep    uint64            `json:"rep,omitempty"`
	Queue  string            `json:"queue,omitempty"`
	Detail map[string]string `json:"detail,omitempty"`
}

type noteData struct {
	Rep    named     `json:"rep"`
	Time   time.Time `json:"time"`
	Result string    `json:"result,omitempty"`
	Text   string    `json:"text,omitempty"`
}

type saidData struct {
	Time time.Time `json:"time"`
	By   string    `json:"by"`  // customer, rep
	Rep  named     `json:"rep"` // who was in the session
	Text string    `json:"text"`
}

type sealedData struct {
	Rep    named     `json:"rep"`
	Part   uint32    `json:"part"`
	Kept   time.Time `json:"kept"`
	Sealed []byte    `json:"sealed"`
}

func (v *viewer) wholeData(s record.Whole, t talk) wholeData {
	d := wholeData{
		sessionData: v.data(&s.Record), People: []personData{}, Answers: []answerData{}, Facts: []factData{},
		Notes: []noteData{}, Said: []saidData{}, Sealed: []sealedData{},
	}
	for _, n := range s.Notes() {
		d.Notes = append(d.Notes, noteData{named{n.Rep, v.rep(n.Rep)}, local(n.At, v), lobby.OutcomeName(n.Result), n.Text})
	}
	for _, x := range t.remarks {
		by := "customer"
		if x.by == wire.RoleRep {
			by = "rep"
		}
		d.Said = append(d.Said, saidData{local(x.at, v), by, named{x.rep, v.rep(x.rep)}, x.text})
	}
	for _, p := range t.sealed {
		d.Sealed = append(d.Sealed, sealedData{named{p.Rep, v.rep(p.Rep)}, p.Part, local(p.Kept, v), p.Sealed})
	}
	for _, p := range s.People {
		d.People = append(d.People, personData{named{p.Rep, v.rep(p.Rep)}, local(p.Joined, v), local(p.Left, v)})
	}
	for _, g := range s.Answers {
		d.Answers = append(d.Answers, answerData{g.Question, g.Rep, g.Answer})
	}
	for _, f := range s.Facts {
		d.Facts = append(d.Facts, factData{local(f.At, v), f.What, f.Rep, f.Queue, f.Detail})
	}
	return d
}
