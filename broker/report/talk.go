package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"handrail/broker/record"
	"handrail/shared/transcript"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	maxTalk = 1_000 // lines on a page; files have all of them

	// container is how a file with sealed parts ends. Consoles know it by that.
	container = "handrail-transcript"
)

// remark is something that was said.
type remark struct {
	at   time.Time
	by   wire.Role
	rep  uint64 // with whom
	text string
}

// talk is what was said in a session, as far as it is kept here.
type talk struct {
	remarks []remark
	sealed  []record.Part
}

// talk reads what was said. The clocks of several consoles are the broker's, so
// that what they tell falls into place.
func (h *reports) talk(r *http.Request, v *viewer, id wire.SessionID) (talk, error) {
	parts, err := h.Store.Transcript(r.Context(), id, v.scope)
	if err != nil {
		return talk{}, err
	}
	var t talk
	for _, p := range parts {
		if len(p.Sealed) > 0 {
			t.sealed = append(t.sealed, p)
		}
		for _, e := range p.Entries {
			if e.Happened == wire.HappenedSaid {
				t.remarks = append(t.remarks, remark{time.UnixMilli(e.At), e.By, p.Rep, e.Text})
			}
		}
	}
	slices.SortStableFunc(t.remarks, func(a, b remark) int { return a.at.Compare(b.at) })
	return t, nil
}

// missing says whether somebody could have said something, and nothing is kept.
func (t talk) missing(s *record.Whole) bool {
	return len(t.remarks) == 0 && len(t.sealed) == 0 && len(s.People) > 0 && !s.Ended.IsZero()
}

// speaker is who said something, as people are called here.
func (v *viewer) speaker(r *record.Record, x remark) string {
	if x.by == wire.RoleRep {
		return v.rep(x.rep)
	}
	return cmp.Or(r.Name, v.say.Say(words.ReportTheCustomer))
}

// sealers are the reps whose consoles have sealed something, each once.
func (v *viewer) sealers(parts []record.Part) string {
	var names []string
	for _, p := range parts {
		if name := v.rep(p.Rep); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// talkShown is what was said, on the page.
type talkShown struct {
	Lines    []talkLine
	Cut      string
	Sealed   string // that something is, and by whom
	SealedBy string
	Unseal   string // address of the file
	None     string // said where nothing is kept
}

// talkLine is a line, or the day on which the lines below were said.
type talkLine struct {
	Day, Time, Who, Text string
	Rep                  bool
	More                 bool // of the one who said the line above
}

func (v *viewer) showTalk(s *record.Whole, t talk) talkShown {
	var shown talkShown
	day, who := "", ""
	for i, x := range t.remarks {
		if i == maxTalk {
			shown.Cut = v.say.Say(words.ReportTalkCut, thousands(int64(len(t.remarks)-i)))
			break
		}
		at := x.at.In(v.zone)
		if today := at.Format(time.DateOnly); today != day {
			day, who = today, ""
			shown.Lines = append(shown.Lines, talkLine{Day: day})
		}
		line := talkLine{Time: at.Format("15:04"), Who: v.speaker(&s.Record, x), Text: words.ShownText(x.text), Rep: x.by == wire.RoleRep}
		known := fmt.Sprint(x.by, x.rep)
		line.More, who = known == who, known
		shown.Lines = append(shown.Lines, line)
	}
	if len(t.sealed) > 0 {
		shown.Sealed = v.say.Say(words.ReportSealed)
		shown.SealedBy = v.say.Say(words.ReportSealedBy, v.sealers(t.sealed))
		shown.Unseal = sessionPath(s.Session) + "/session." + container
	}
	if t.missing(s) {
		shown.None = v.say.Say(words.ReportNotSaid)
	}
	return shown
}

// note is what a rep has noted, on the page.
type note struct {
	Rep, Result, Mood, Time, Text string
}

func (v *viewer) notes(s *record.Whole) (notes []note) {
	for _, n := range s.Notes() {
		notes = append(notes, note{v.rep(n.Rep), v.say.Outcome(n.Result), resultMood(n.Result), v.precise(n.At), words.ShownText(n.Text)})
	}
	return notes
}

// resultMood is how a tag of a rep's word on a session looks.
func resultMood(o wire.Outcome) string {
	switch o {
	case wire.OutcomeSolved:
		return "good"
	case wire.OutcomeUnsolved:
		return "bad"
	}
	return ""
}

// noted are notes as pairs, for files.
func (v *viewer) noted(s *record.Whole) (pairs []pair) {
	for _, n := range v.notes(s) {
		text := n.Text
		if n.Result != "" {
			text = strings.TrimSuffix(n.Result+"\n"+text, "\n")
		}
		pairs = append(pairs, pair{v.say.Say(words.ReportNotedAt, n.Rep, n.Time), text})
	}
	return pairs
}

// talkParts are what was said, as parts of a file: line by line, that it is
// sealed, or that it is not kept.
func (v *viewer) talkParts(s *record.Whole, t talk, limit int) (parts []part) {
	heading := v.say.Say(words.ReportSaid)
	tell := func(text string) {
		parts = append(parts, part{heading: heading, empty: text})
		heading = ""
	}
	if len(t.remarks) > 0 {
		parts = append(parts, part{heading: heading, columns: []column{
			{name: v.say.Say(words.ReportTime), width: 3}, {name: v.say.Say(words.ReportSaidBy), width: 3}, {name: v.say.Say(words.ReportSaid), width: 10},
		}, rows: func(yield func([]string) error) error {
			for _, x := range t.remarks[:min(len(t.remarks), limit)] {
				if err := yield([]string{v.precise(x.at), v.speaker(&s.Record, x), words.ShownText(x.text)}); err != nil {
					return err
				}
			}
			return nil
		}})
		heading = ""
	}
	if n := len(t.remarks) - limit; n > 0 {
		tell(v.say.Say(words.ReportLinesCut, thousands(int64(n))))
	}
	switch {
	case len(t.sealed) > 0:
		tell(v.say.Say(words.ReportSealedTo) + " " + v.say.Say(words.ReportSealedBy, v.sealers(t.sealed)))
	case t.missing(s):
		tell(v.say.Say(words.ReportNotSaid))
	}
	return parts
}

// sealedFile answers with the sealed parts of a session, for those who can open
// them: in their console, or with the organisation's key.
func (h *reports) sealedFile(w http.ResponseWriter, r *http.Request, v *viewer, s record.Whole) error {
	select {
	case h.making <- struct{}{}:
		defer func() { <-h.making }()
	default:
		return errBusy
	}
	t, err := h.talk(r, v, s.Session)
	if err != nil {
		return err
	}
	if len(t.sealed) == 0 {
		return record.ErrNone
	}
	f := transcript.File{Session: s.Session, Customer: wire.Name(s.Name), Began: s.Came.UnixMilli()}
	if !s.Ended.IsZero() {
		f.Ended = s.Ended.UnixMilli()
	}
	for _, p := range t.sealed {
		f.Parts = append(f.Parts, transcript.Part{Rep: p.Rep, Name: wire.Name(v.rep(p.Rep)), Number: p.Part, Kept: p.Kept.UnixMilli(), Sealed: p.Sealed})
	}
	var file bytes.Buffer // whole, because it may turn out to be too long
	switch err := transcript.Write(&file, f); {
	case errors.Is(err, transcript.ErrTooLong):
		return unclear(words.ReportFileLarge)
	case err != nil:
		return err
	}
	head := w.Header()
	head.Set("Content-Type", "application/octet-stream")
	head.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="session-%s.%s"`, s.Session.String()[:8], container))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := file.WriteTo(w); err != nil {
		return errors.Join(errUnderWay, err)
	}
	return nil
}
