package admin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// roles gives all roles: those that every organisation has, then its own.
func (v *visit) roles() []people.Role {
	all := people.BuiltIn()
	own := make([]people.Role, 0, len(v.all.Roles))
	for _, r := range v.all.Roles {
		own = append(own, r)
	}
	slices.SortFunc(own, func(a, b people.Role) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return append(all, own...)
}

// rolesShown is what the list shows.
type rolesShown struct {
	talk
	Rows []roleRow
}

type roleRow struct {
	people.Role
	BuiltIn bool
	About   words.Sentence // of a built-in one
	Holders int
}

var aboutRoles = map[string]words.Sentence{
	people.OwnerRole: words.AdminAboutOwner, people.AdministratorRole: words.AdminAboutAdministrator,
	people.LeadRole: words.AdminAboutLead, people.RepRole: words.AdminAboutRep,
}

func (v *visit) holders(role string) []people.Rep {
	var reps []people.Rep
	for _, r := range v.all.RepsByName() {
		if slices.ContainsFunc(v.all.Holdings, func(h people.Holding) bool { return h.Rep == r.ID && h.Role == role }) {
			reps = append(reps, r)
		}
	}
	return reps
}

func (f *Frame) listRoles(v *visit) {
	var s rolesShown
	for _, r := range v.roles() {
		about, builtIn := aboutRoles[r.ID]
		s.Rows = append(s.Rows, roleRow{r, builtIn, about, len(v.holders(r.ID))})
	}
	v.show(http.StatusOK, web.Page{
		Title: v.say.Say(words.ShellRoles), Section: web.Roles, Lead: v.say.Say(words.AdminRolesLead), Template: "roles", Data: s,
		Do: []web.Link{{Text: v.say.Say(words.AdminAddRole), Path: "/login/roles/new"}},
	})
}

// permissionNames say what each permission is for.
var permissionNames = map[people.Permission][2]words.Sentence{
	people.ManagePeople:     {words.AdminMayPeople, words.AdminMayPeopleHint},
	people.ApproveResets:    {words.AdminMayApprove, words.AdminMayApproveHint},
	people.EditTeams:        {words.AdminMayTeams, words.AdminMayTeamsHint},
	people.EditRoles:        {words.AdminMayRoles, words.AdminMayRolesHint},
	people.EditPortals:      {words.AdminMayPortals, words.AdminMayPortalsHint},
	people.PushNotices:      {words.AdminMayPush, words.AdminMayPushHint},
	people.EditPolicies:     {words.AdminMayPolicies, words.AdminMayPoliciesHint},
	people.AllReports:       {words.AdminMayReports, words.AdminMayReportsHint},
	people.TeamReports:      {words.AdminMayTeamReports, words.AdminMayTeamReportsHint},
	people.OwnSessions:      {words.AdminMayOwn, words.AdminMayOwnHint},
	people.ReadAudit:        {words.AdminMayAudit, words.AdminMayAuditHint},
	people.ExportSettings:   {words.AdminMayExport, words.AdminMayExportHint},
	people.ImportSettings:   {words.AdminMayImport, words.AdminMayImportHint},
	people.RevokeEverything: {words.AdminMayRevoke, words.AdminMayRevokeHint},
	people.APITokens:        {words.AdminMayTokens, words.AdminMayTokensHint},
}

// roleForm is what the page of a role shows.
type roleForm struct {
	talk
	ID      string
	Form    web.Form
	Name    web.Field
	May     []permissionRow
	Holders []people.Rep
	BuiltIn bool
	Was     string
}

type permissionRow struct {
	ID         people.Permission
	Name, Hint string
	On         bool
	Yours      bool   // nobody gives what they don't have
	Problem    string // where something else is kept than what was typed
}

func (v *visit) roleForm(r people.Role) roleForm {
	_, builtIn := aboutRoles[r.ID]
	s := roleForm{
		ID: r.ID, Holders: v.holders(r.ID), BuiltIn: builtIn, Was: stamp(r),
		Name: web.Field{Name: "name", Label: v.say.Say(words.AdminRoleName), Value: r.Name, Required: true, Max: people.MaxName},
	}
	for _, p := range people.All() {
		names := permissionNames[p]
		s.May = append(s.May, permissionRow{ID: p, Name: v.say.Say(names[0]), Hint: v.say.Say(names[1]), On: r.May[p], Yours: v.who.May[p]})
	}
	return s
}

func (v *visit) showRole(status int, title string, s roleForm, problem string) {
	s.Form = web.Check(v.say.Say(words.AdminCheck), s.Name)
	p := web.Page{
		Title: title, Section: web.Roles, Crumbs: []web.Link{{Text: v.say.Say(words.ShellRoles), Path: "/login/roles"}},
		Template: "role", Data: s, Problem: problem,
	}
	if s.BuiltIn {
		p.Lead = v.say.Say(aboutRoles[s.ID])
	}
	v.show(status, p)
}

func (f *Frame) newRole(v *visit) {
	v.showRole(http.StatusOK, v.say.Say(words.AdminAddRole), v.roleForm(people.Role{May: people.Set{}}), "")
}

func (f *Frame) rolePage(v *visit) {
	r, ok := v.all.Role(v.r.PathValue("id"))
	if !ok {
		v.missing()
		return
	}
	v.showRole(http.StatusOK, r.Name, v.roleForm(r), "")
}

// readRole reads a role's form.
func (v *visit) readRole(id string) people.Role {
	r := people.Role{ID: id, Name: strings.TrimSpace(v.form.Get("name")), May: people.Set{}}
	for _, p := range people.All() {
		if slices.Contains(v.form["may"], string(p)) {
			r.May[p] = true
		}
	}
	return r
}

func (f *Frame) addRole(v *visit) {
	r := v.readRole("")
	r.ID = v.freeRole(r.Name)
	v.keepRole(r, people.Role{}, v.say.Say(words.AdminAddRole), "role-added")
}

// freeRole makes an ID of a role's name.
func (v *visit) freeRole(name string) string {
	id := strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(name)), "-")
	id = cmp.Or(id[:min(len(id), 40)], "role")
	for n, try := 2, id; ; n++ {
		if _, taken := v.all.Role(try); !taken && try != "new" {
			return try
		}
		try = id + "-" + strconv.Itoa(n)
	}
}

func (f *Frame) saveRole(v *visit) {
	kept, ok := v.all.Role(v.r.PathValue("id"))
	if !ok {
		v.missing()
		return
	}
	if v.form.Get("was") != stamp(kept) {
		typed := v.readRole(kept.ID)
		if stamp(typed) == stamp(kept) { // a second click, or somebody else has wanted the same
			v.seeOther("/login/roles/"+kept.ID, "saved")
			return
		}
		s := v.roleForm(typed)
		s.Was = stamp(kept)
		v.differs(&s.Name, web.Field{Value: kept.Name})
		for i, row := range s.May {
			if row.On != kept.May[row.ID] {
				s.May[i].Problem = v.yesNow(kept.May[row.ID])
			}
		}
		v.showRole(http.StatusConflict, kept.Name, s, v.say.Say(words.AdminChangedMeanwhile))
		return
	}
	v.keepRole(v.readRole(kept.ID), kept, kept.Name, "saved")
}

// keepRole keeps a role in the place of another, or of none.
func (v *visit) keepRole(r, kept people.Role, title, did string) {
	isNew := kept.ID == ""
	s := v.roleForm(r)
	if isNew {
		s.ID, s.BuiltIn = "", false
	} else {
		s.Was = v.form.Get("was")
	}
	if !people.Named(r.Name) {
		s.Name.Problem = v.say.Say(words.AdminBadName)
		v.showRole(http.StatusUnprocessableEntity, title, s, "")
		return
	}
	if isNew && !v.once(web.Roles, web.Link{Text: v.say.Say(words.ShellRoles), Path: "/login/roles"}) {
		return
	}
	_, err := v.changed(people.SetRole{Role: r, Was: &kept})
	if errors.Is(err, people.ErrChanged) {
		if !v.anew() {
			return
		}
		if !isNew {
			v.f.saveRole(v)
			return
		}
		r.ID = v.freeRole(r.Name)
		_, err = v.changed(people.SetRole{Role: r, Was: &kept})
	}
	why, ok := v.why(err)
	switch {
	case err == nil:
		v.seeOther("/login/roles/"+r.ID, did)
	case ok:
		v.showRole(http.StatusUnprocessableEntity, title, s, why)
	default:
		v.fail(err)
	}
}

func (f *Frame) removeRole(v *visit) {
	r, found := v.all.Role(v.r.PathValue("id"))
	if !found {
		v.missing()
		return
	}
	_, err := v.changed(people.RemoveRole{ID: r.ID})
	why, ok := v.why(err)
	switch {
	case err == nil:
		v.seeOther("/login/roles", "role-gone")
	case ok:
		v.showRole(http.StatusUnprocessableEntity, r.Name, v.roleForm(r), why)
	default:
		v.fail(err)
	}
}
