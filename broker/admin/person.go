package admin

import (
	"cmp"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// query spells the part of an address behind the question mark, from names and
// values in turn; empty values are left out.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q.Encode()
}

// theRep finds the rep whom a path names.
func (f *Frame) theRep(next func(*visit, people.Rep)) func(*visit) {
	return func(v *visit) {
		id, err := strconv.ParseUint(v.r.PathValue("id"), 10, 63)
		r, ok := v.all.Reps[id]
		if err != nil || !ok {
			v.missing()
			return
		}
		next(v, r)
	}
}

// personShown is what the page of a rep shows.
type personShown struct {
	talk
	Rep       people.Rep
	Name      string
	You       bool
	Form      *personForm // nil for who may not change it
	Has       people.Credentials
	Unused    bool // has never come in
	Live      int  // browsers signed in
	Consoles  []consoleShown
	Known     []people.Known // at identity providers
	Held, Not []people.Role  // roles
	Teams     []membership
	Resets    []resetRow
	Path      string

	MayManage, MayRoles, MayApprove bool
}

type membership struct {
	Team people.Team
	Rank words.Sentence
}

type resetRow struct {
	talk
	people.WaitingReset
	ID, By      string
	MayApprove  bool
	NeedsFactor bool
	Ready       bool   // only the link is missing
	Who         string // can agree
}

func (f *Frame) personPage(v *visit, r people.Rep) { v.showPerson(http.StatusOK, r, nil, "") }

// showPerson shows a rep; form is what was typed, nil for what is kept.
func (v *visit) showPerson(status int, r people.Rep, form *personForm, problem string) {
	s := personShown{
		Rep: r, Name: r.Called(), You: r.ID == v.rep.ID, Path: "/login/people/" + strconv.FormatUint(r.ID, 10),
		MayManage: v.who.May[people.ManagePeople], MayRoles: v.who.May[people.EditRoles], MayApprove: v.who.May[people.ApproveResets],
		Form: form,
	}
	if s.MayManage && form == nil {
		kept := v.personForm(r)
		s.Form = &kept
	}
	var err error
	if s.Has, err = v.f.Store.Credentials(v.ctx(), r.ID); err == nil {
		s.Consoles, err = v.consolesOf(r.ID)
	}
	var logins []people.Login
	if err == nil {
		logins, err = v.f.Store.Logins(v.ctx(), r.ID)
	}
	for _, l := range logins {
		if l.Factor && l.Expires.After(v.now) {
			s.Live++
		}
	}
	if err == nil {
		s.Resets, err = v.resetsOf(r.ID)
	}
	if err == nil {
		s.Known, err = v.f.Store.KnownAt(v.ctx(), r.ID)
	}
	if err != nil {
		v.fail(err)
		return
	}
	s.Unused = s.Has.Password == "" && !s.Has.HasFactor() && len(s.Consoles) == 0 && len(s.Known) == 0
	s.Held, s.Not = v.rolesFor(r.ID)
	for _, t := range v.all.Teams {
		if rank, in := t.Members[r.ID]; in {
			s.Teams = append(s.Teams, membership{t, rankName(rank)})
		}
	}
	slices.SortFunc(s.Teams, func(a, b membership) int { return cmp.Compare(a.Team.Name, b.Team.Name) })
	v.show(status, web.Page{
		Title: s.Name, Section: web.People, Crumbs: []web.Link{{Text: v.say.Say(words.ShellPeople), Path: "/login/people"}},
		Template: "person", Data: s, Problem: problem,
	})
}

// rolesFor gives the roles that a rep holds, and the others.
func (v *visit) rolesFor(rep uint64) (held, not []people.Role) {
	for _, role := range v.roles() {
		holds := slices.ContainsFunc(v.all.Holdings, func(h people.Holding) bool { return h.Rep == rep && h.Role == role.ID })
		switch {
		case holds:
			held = append(held, role)
		case role.ID != people.RepRole && role.ID != people.LeadRole: // everybody's, and of all leads
			not = append(not, role)
		}
	}
	return held, not
}

func (v *visit) resetsOf(rep uint64) ([]resetRow, error) {
	all, err := v.f.Store.Resets(v.ctx(), v.now)
	var rows []resetRow
	for _, w := range all {
		if w.Rep != rep {
			continue
		}
		_, _, missing := w.Use(v.all, v.now)
		rows = append(rows, resetRow{
			WaitingReset: w, ID: hex.EncodeToString(w.Link[:]), By: v.all.Reps[w.By].Called(), MayApprove: v.mayApprove(w),
			NeedsFactor: errors.Is(missing, people.ErrNeedsFactor), Ready: missing == nil, Who: v.agree(w.Reset),
		})
	}
	return rows, err
}

// agree names those who can say yes to a reset.
func (v *visit) agree(r people.Reset) string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(v.all.Reps)) {
		if _, refused := r.Approve(v.all, id, v.now); refused == nil {
			names = append(names, v.all.Reps[id].Called())
		}
	}
	return strings.Join(names, ", ")
}

// mayApprove says whether a reset waits for a yes that this rep can give.
func (v *visit) mayApprove(w people.WaitingReset) bool {
	_, _, missing := w.Use(v.all, v.now)
	_, refused := w.Approve(v.all, v.rep.ID, v.now)
	return errors.Is(missing, people.ErrNeedsApproval) && refused == nil
}

// made answers a change that a form of a rep's page asked for.
func (v *visit) made(r people.Rep, err error, did string) {
	why, ok := v.why(err)
	switch {
	case err == nil:
		v.seeOther("/login/people/"+strconv.FormatUint(r.ID, 10), did)
	case ok:
		v.showPerson(http.StatusUnprocessableEntity, r, nil, why)
	default:
		v.fail(err)
	}
}

func (f *Frame) savePerson(v *visit, r people.Rep) {
	if !v.who.May[people.ManagePeople] {
		v.refuse()
		return
	}
	changed, s := v.readPerson(r)
	switch same := changed == r && len(s.Form.Problems) == 0; {
	case v.form.Get("was") == stamp(r):
	case same: // a second click, or somebody else has wanted the same
		v.made(r, nil, "saved")
		return
	default:
		s = s.beside(v.personForm(r))
		v.showPerson(http.StatusConflict, r, &s, v.say.Say(words.AdminChangedMeanwhile))
		return
	}
	if len(s.Form.Problems) > 0 {
		v.showPerson(http.StatusUnprocessableEntity, r, &s, "")
		return
	}
	_, err := v.changed(people.SetRep{Rep: changed, Was: &r})
	if errors.Is(err, people.ErrChanged) {
		if v.anew() {
			f.savePerson(v, v.all.Reps[r.ID])
		}
		return
	}
	if errors.Is(err, people.ErrTaken) {
		s.Mail.Problem = v.say.Say(words.AdminMailTaken)
		s = s.checked()
		v.showPerson(http.StatusUnprocessableEntity, r, &s, "")
		return
	}
	v.made(r, err, "saved")
}

// setState disables a rep, or the opposite.
func (f *Frame) setState(v *visit, r people.Rep) {
	was := r
	r.Disabled = v.form.Get("do") == "disable"
	if !r.Disabled && v.form.Get("do") != "enable" {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	var err error
	if r != was { // else it is a second click
		_, err = v.changed(people.SetRep{Rep: r, Was: &was})
	}
	if errors.Is(err, people.ErrChanged) {
		if v.anew() {
			f.setState(v, v.all.Reps[r.ID])
		}
		return
	}
	did := "enabled"
	if r.Disabled {
		did = "disabled"
	}
	v.made(v.all.Reps[r.ID], err, did)
}

func (f *Frame) setRole(v *visit, r people.Rep) {
	role := v.form.Get("role")
	var c people.Change
	did := "role-given"
	switch v.form.Get("do") {
	case "give":
		c = people.GiveRole{Rep: r.ID, Role: role}
	case "take":
		c, did = people.TakeRole{Rep: r.ID, Role: role}, "role-taken"
	default:
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	_, err := v.changed(c)
	v.made(r, err, did)
}

// startReset gives a link for a new password, or an invitation.
func (f *Frame) startReset(v *visit, r people.Rep) {
	if r.Mail == "" {
		v.showPerson(http.StatusUnprocessableEntity, r, nil, v.say.Say(words.AdminInviteNeedsMail))
		return
	}
	if v.once(web.People, web.Link{Text: r.Called(), Path: "/login/people/" + strconv.FormatUint(r.ID, 10)}) {
		v.giveLink(r, v.form.Get("lost") == "on")
	}
}

// answerReset is the second administrator's yes, or the end of a reset.
func (f *Frame) answerReset(v *visit, r people.Rep) {
	var link people.Hash
	id, bad := hex.DecodeString(v.form.Get("reset"))
	if bad != nil || len(id) != len(link) {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	copy(link[:], id)
	if v.form.Get("do") == "approve" {
		v.made(r, f.Store.ApproveReset(v.ctx(), link, v.rep.ID, v.now), "approved")
		return
	}
	v.made(r, f.Store.CancelReset(v.ctx(), link, v.rep.ID, v.now), "cancelled")
}

// endTheirConsole takes a console from another rep. It may do no more than
// disabling that rep may.
func (f *Frame) endTheirConsole(v *visit, r people.Rep) {
	id, bad := strconv.ParseUint(v.form.Get("console"), 10, 63)
	if bad != nil {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	if !v.all.May(r.ID).Within(v.who.May) {
		v.made(r, people.ErrAboveYou, "")
		return
	}
	err := f.Store.RevokeConsole(v.ctx(), v.rep.ID, r.ID, id, v.now)
	if err == nil {
		f.Changed()
	}
	v.made(r, err, "console-gone")
}
