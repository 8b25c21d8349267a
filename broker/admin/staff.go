package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// peopleAtOnce is how many reps a page of the list shows.
const peopleAtOnce = 50

// staffRoutes are the pages of people, teams and roles, and of what concerns
// the whole organisation.
func (f *Frame) staffRoutes() {
	f.page("/login/{$}", f.overview, nil)
	f.page("/login/queues", f.queues, nil, people.AllReports, people.TeamReports)
	f.page("/login/revoke", f.revokePage, f.revoke, people.RevokeEverything)

	see := []people.Permission{people.ManagePeople, people.EditRoles, people.ApproveResets}
	f.page("/login/people", f.listPeople, nil, see...)
	f.page("/login/people/new", f.newPerson, f.addPerson, people.ManagePeople)
	f.page("/login/people/{id}", f.theRep(f.personPage), f.theRep(f.savePerson), see...)
	f.page("/login/people/{id}/state", nil, f.theRep(f.setState), people.ManagePeople)
	f.page("/login/people/{id}/role", nil, f.theRep(f.setRole), people.EditRoles)
	f.page("/login/people/{id}/reset", nil, f.theRep(f.startReset), people.ManagePeople)
	f.page("/login/people/{id}/answer", nil, f.theRep(f.answerReset), people.ManagePeople, people.ApproveResets)
	f.page("/login/people/{id}/console", nil, f.theRep(f.endTheirConsole), people.ManagePeople)

	f.page("/login/teams", f.listTeams, nil, people.EditTeams)
	f.page("/login/teams/new", f.newTeam, f.addTeam, people.EditTeams)
	f.page("/login/teams/{id}", f.team(f.teamPage), f.team(f.saveTeam), people.EditTeams)
	f.page("/login/teams/{id}/remove", nil, f.team(f.removeTeam), people.EditTeams)

	f.page("/login/roles", f.listRoles, nil, people.EditRoles)
	f.page("/login/roles/new", f.newRole, f.addRole, people.EditRoles)
	f.page("/login/roles/{id}", f.rolePage, f.saveRole, people.EditRoles)
	f.page("/login/roles/{id}/remove", nil, f.removeRole, people.EditRoles)

	f.page("/login/audit", f.auditPage, nil, people.ReadAudit)
	f.page("/login/audit/check", f.auditCheck, nil, people.ReadAudit)
	f.page("/login/audit/export", nil, f.auditExport, people.ReadAudit)
}

// why says to people why a change was refused; false where that is a fault of
// ours.
func (v *visit) why(err error) (string, bool) {
	s, ok := settings.Why(err)
	return v.say.Say(s), ok
}

// rolesOf names the roles that a rep holds.
func (v *visit) rolesOf(rep uint64) []string {
	var names []string
	for _, h := range v.all.Holdings {
		if role, ok := v.all.Role(h.Role); ok && h.Rep == rep {
			names = append(names, role.Name)
		}
	}
	slices.Sort(names)
	return names
}

// teamsOf names the teams of a rep.
func (v *visit) teamsOf(rep uint64) []string {
	var names []string
	for _, t := range v.all.Teams {
		if _, in := t.Members[rep]; in {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// peopleShown is what the list shows.
type peopleShown struct {
	talk
	Q            string
	Rows         []personRow
	Total, Found int
	From         int
	More, Less   string // addresses of the pages after and before; empty: none
	May          bool   // add somebody
}

type personRow struct {
	people.Rep
	Name         string
	Roles, Teams []string
	You          bool
}

func (f *Frame) listPeople(v *visit) {
	s := peopleShown{Q: strings.TrimSpace(v.r.URL.Query().Get("q")), Total: len(v.all.Reps), May: v.who.May[people.ManagePeople]}
	s.Q = s.Q[:min(len(s.Q), 200)]
	var rows []personRow
	for _, r := range v.all.RepsByName() {
		row := personRow{r, r.Called(), v.rolesOf(r.ID), v.teamsOf(r.ID), r.ID == v.rep.ID}
		text := strings.ToLower(strings.Join([]string{r.PublicName, r.PrivateName, r.Mail, strings.Join(row.Roles, " "), strings.Join(row.Teams, " ")}, " "))
		if all := strings.Fields(strings.ToLower(s.Q)); !slices.ContainsFunc(all, func(w string) bool { return !strings.Contains(text, w) }) {
			rows = append(rows, row)
		}
	}
	s.Found = len(rows)
	s.From, _ = strconv.Atoi(v.r.URL.Query().Get("from")) // nonsense is the beginning
	s.From = max(0, min(s.From, len(rows)))
	s.Rows = rows[s.From:min(len(rows), s.From+peopleAtOnce)]
	at := func(from int) string { return "/login/people?" + query("q", s.Q, "from", strconv.Itoa(from)) }
	if s.From+peopleAtOnce < len(rows) {
		s.More = at(s.From + peopleAtOnce)
	}
	if s.From > 0 {
		s.Less = at(max(0, s.From-peopleAtOnce))
	}
	p := web.Page{Title: v.say.Say(words.ShellPeople), Section: web.People, Lead: v.say.Say(words.AdminPeopleLead), Template: "people", Data: s}
	if s.May {
		p.Do = []web.Link{{Text: v.say.Say(words.AdminAddPerson), Path: "/login/people/new"}}
	}
	v.show(http.StatusOK, p)
}

// personForm is the form of a rep.
type personForm struct {
	talk
	Form                             web.Form
	Name, Private, Mail, Order, Idle web.Field
	Listed, MustChange, Invite       web.Field
	Was                              string // stamp of what the form was filled from
	New                              bool
}

func (v *visit) personForm(r people.Rep) personForm {
	say := v.say.Say
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	optional := say(words.AdminOptional)
	return personForm{
		New:        r.ID == 0,
		Was:        stamp(r),
		Name:       web.Field{Name: "name", Label: say(words.AdminPublicName), Hint: say(words.AdminPublicNameHint), Value: r.PublicName, Required: true, Max: people.MaxName},
		Private:    web.Field{Name: "private", Label: say(words.AdminPrivateName), Hint: say(words.AdminPrivateNameHint), Value: r.PrivateName, Max: people.MaxName, Optional: optional},
		Mail:       web.Field{Name: "mail", Label: say(words.AdminMail), Hint: say(words.AdminMailHint), Value: r.Mail, Kind: "email", Max: people.MaxMail, Optional: optional},
		Listed:     web.Field{Name: "listed", Label: say(words.AdminListed), Kind: "checkbox", On: r.Listed},
		Order:      web.Field{Name: "order", Label: say(words.AdminOrder), Hint: say(words.AdminOrderHint), Value: number(r.Order), Mode: "numeric", Max: 6, Optional: optional},
		Idle:       web.Field{Name: "idle", Label: say(words.AdminIdle), Hint: say(words.AdminIdleHint), Value: number(r.IdleMinutes), Mode: "numeric", Max: 4, Optional: optional},
		MustChange: web.Field{Name: "must", Label: say(words.AdminMust), Kind: "checkbox", On: r.MustChange},
		Invite:     web.Field{Name: "invite", Label: say(words.AdminInvite), Hint: say(words.AdminInviteHint), Kind: "checkbox", On: true},
	}
}

// readPerson fills a rep from a form, and the form from what was typed.
func (v *visit) readPerson(r people.Rep) (people.Rep, personForm) {
	was := v.form.Get("was")
	number := func(f *web.Field, limit int) int {
		f.Value = strings.TrimSpace(v.form.Get(f.Name))
		n, err := strconv.Atoi(f.Value)
		if f.Value != "" && (err != nil || n < 0 || n > limit) {
			f.Problem = v.say.Say(words.AdminBadNumber, limit)
		}
		return n
	}
	r.PublicName, r.PrivateName = strings.TrimSpace(v.form.Get("name")), strings.TrimSpace(v.form.Get("private"))
	r.Listed, r.MustChange = v.form.Get("listed") == "on", v.form.Get("must") == "on"
	typed := strings.TrimSpace(v.form.Get("mail"))
	mail, ok := people.Mail(typed)
	r.Mail = mail
	s := v.personForm(r)
	s.Was, s.Invite.On, s.Mail.Value = was, v.form.Get("invite") == "on", typed
	r.Order, r.IdleMinutes = number(&s.Order, people.MaxOrder), number(&s.Idle, people.MaxIdleMinutes)
	if typed != "" && !ok {
		s.Mail.Problem = v.say.Say(words.AdminBadMail)
	}
	if r.PublicName == "" || !people.Named(r.PublicName) {
		s.Name.Problem = v.say.Say(words.AdminBadName)
	}
	if r.PrivateName != "" && !people.Named(r.PrivateName) {
		s.Private.Problem = v.say.Say(words.AdminBadName)
	}
	return r, s.checked()
}

// beside gives the form of what is kept now to one that was made before: what
// was typed stays, and says where it differs.
func (s personForm) beside(kept personForm) personForm {
	s.Was = kept.Was
	for mine, now := range map[*web.Field]web.Field{
		&s.Name: kept.Name, &s.Private: kept.Private, &s.Mail: kept.Mail, &s.Listed: kept.Listed, &s.Order: kept.Order, &s.Idle: kept.Idle,
		&s.MustChange: kept.MustChange,
	} {
		s.differs(mine, now)
	}
	return s.checked()
}

// differs says at a field what is kept, where that is something else.
func (t talk) differs(mine *web.Field, now web.Field) {
	switch {
	case mine.Kind == "checkbox" && mine.On != now.On:
		mine.Problem = t.yesNow(now.On)
	case mine.Value == now.Value:
	case now.Value == "":
		mine.Problem = t.say.Say(words.AdminEmptyNow)
	default:
		mine.Problem = t.say.Say(words.AdminKeptNow, now.Value)
	}
}

// yesNow says whether something is on that is kept.
func (t talk) yesNow(on bool) string {
	if on {
		return t.say.Say(words.AdminOnNow)
	}
	return t.say.Say(words.AdminOffNow)
}

func (s personForm) checked() personForm {
	s.Form = web.Check(s.say.Say(words.AdminCheck), s.Name, s.Private, s.Mail, s.Listed, s.Order, s.Idle, s.MustChange)
	return s
}

func (v *visit) showNewPerson(status int, s personForm, problem string) {
	v.show(status, web.Page{
		Title: v.say.Say(words.AdminAddPerson), Section: web.People, Crumbs: []web.Link{{Text: v.say.Say(words.ShellPeople), Path: "/login/people"}},
		Template: "person-new", Data: s, Problem: problem,
	})
}

func (f *Frame) newPerson(v *visit) { v.showNewPerson(http.StatusOK, v.personForm(people.Rep{}), "") }

// addPerson adds a rep, and makes the link of an invitation if that is wanted.
func (f *Frame) addPerson(v *visit) {
	r, s := v.readPerson(people.Rep{})
	s.New = true
	if s.Invite.On && r.Mail == "" && s.Mail.Problem == "" {
		s.Mail.Problem = v.say.Say(words.AdminInviteNeedsMail)
		s = s.checked()
	}
	if len(s.Form.Problems) > 0 {
		v.showNewPerson(http.StatusUnprocessableEntity, s, "")
		return
	}
	if !v.once(web.People, web.Link{Text: v.say.Say(words.ShellPeople), Path: "/login/people"}) {
		return
	}
	id, err := v.changed(people.SetRep{Rep: r})
	if errors.Is(err, people.ErrTaken) {
		s.Mail.Problem = v.say.Say(words.AdminMailTaken)
		v.showNewPerson(http.StatusUnprocessableEntity, s.checked(), "")
		return
	}
	if why, ok := v.why(err); err != nil && ok {
		v.showNewPerson(http.StatusUnprocessableEntity, s, why)
		return
	}
	if err != nil {
		v.fail(err)
		return
	}
	if !s.Invite.On {
		v.seeOther("/login/people/"+strconv.FormatUint(id, 10), "added")
		return
	}
	v.all.Reps[id] = withID(r, id)
	v.giveLink(v.all.Reps[id], false)
}

func withID(r people.Rep, id uint64) people.Rep {
	r.ID = id
	return r
}

// linkShown is what the page shows that gives a link, this once.
type linkShown struct {
	talk
	Link, Name string
	Back       string
	State      string // as of resetShown: what else the link needs
	Who        string // can agree to it
}

// giveLink starts a reset, or invites, and shows the link: nobody sees it again.
func (v *visit) giveLink(r people.Rep, lost bool) {
	token, hash := locks.Token()
	reset, err := v.f.Store.StartReset(v.ctx(), hash, v.rep.ID, r.ID, lost, v.now)
	if why, ok := v.why(err); err != nil && ok {
		v.showPerson(http.StatusUnprocessableEntity, r, nil, why)
		return
	}
	if err != nil {
		v.fail(err)
		return
	}
	s := linkShown{Link: v.f.Origin + "/login/reset/" + token, Name: r.PublicName, Back: "/login/people/" + strconv.FormatUint(r.ID, 10)}
	p := web.Page{
		Title: v.say.Say(words.AdminLinkTitle, r.Called()), Section: web.People, Template: "link",
		Crumbs: []web.Link{{Text: v.say.Say(words.ShellPeople), Path: "/login/people"}, {Text: r.Called(), Path: s.Back}},
	}
	switch {
	case reset.State == people.ResetOpen:
		s.State = "open"
		p.Title = v.say.Say(words.AdminInviteTitle, r.Called())
	case reset.NeedFactor:
		s.State = "factor"
	default:
		s.State, s.Who = "approval", v.agree(reset)
	}
	p.Data = s
	v.show(http.StatusOK, p)
}
