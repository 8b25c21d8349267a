package web

import (
	"embed"
	"html/template"
	"net/http"
	"slices"

	"handrail/assets"
	"handrail/broker/people"
	"handrail/shared/words"
)

//go:embed shell.html
var shellFiles embed.FS

var shell = Parse(shellFiles, "shell.html")

// Section is one of the parts of the administration.
type Section int

// The sections in the order of the navigation.
const (
	Overview Section = iota
	Queues
	Reports
	Portals
	Policies
	People
	Teams
	Roles
	Settings
	Audit
	Account
)

// section is how a section is shown and reached, and which permissions, any of
// them, let somebody see it; none is for everybody.
type section struct {
	name words.Sentence
	path string
	icon assets.Icon
	any  []people.Permission
	gap  bool // a new group begins with it
}

var sections = [...]section{
	Overview: {name: words.ShellOverview, path: "/login/", icon: assets.Screen},
	Queues:   {name: words.ShellQueues, path: "/login/queues", icon: assets.Bell, any: []people.Permission{people.AllReports, people.TeamReports}},
	Reports: {name: words.ShellReports, path: "/login/reports", icon: assets.Note, any: []people.Permission{
		people.AllReports, people.TeamReports, people.OwnSessions,
	}},
	Portals:  {name: words.ShellPortals, path: "/login/portals", icon: assets.Window, any: []people.Permission{people.EditPortals}, gap: true},
	Policies: {name: words.ShellPolicies, path: "/login/policies", icon: assets.Shield, any: []people.Permission{people.EditPolicies}},
	People:   {name: words.ShellPeople, path: "/login/people", icon: assets.Person, any: []people.Permission{people.ManagePeople, people.EditRoles}, gap: true},
	Teams:    {name: words.ShellTeams, path: "/login/teams", icon: assets.Chat, any: []people.Permission{people.EditTeams}},
	Roles:    {name: words.ShellRoles, path: "/login/roles", icon: assets.Key, any: []people.Permission{people.EditRoles}},
	Settings: {name: words.ShellSettings, path: "/login/settings", icon: assets.Folder, gap: true, any: []people.Permission{
		people.ExportSettings, people.ImportSettings, people.APITokens,
	}},
	Audit:   {name: words.ShellAudit, path: "/login/audit", icon: assets.Search, any: []people.Permission{people.ReadAudit}},
	Account: {name: words.ShellAccount, path: "/login/account", icon: assets.Lock, gap: true},
}

// Link is a link with its text. As a button it can be a quieter one: "plain", or
// "danger" for what takes something away.
type Link struct{ Text, Path, Kind string }

// Page is one page of the administration: a template of a Set, given Data, in
// the middle of what all of them share.
type Page struct {
	Title   string // heading, and of the browser's tab
	Section Section
	Crumbs  []Link // the pages above this one
	Lead    string // a sentence below the heading
	Do      []Link // what can be begun here: buttons beside the heading
	Done    string // what has just been done
	Problem string // why something was not done

	Set      *Set
	Template string
	Data     any
	Scripts  []string // addresses
	Styles   []string // likewise, after those of all pages
}

// shellShown is what shell.html shows.
type shellShown struct {
	Page
	Who                       Who
	Body                      template.HTML
	Nav                       []shellSection
	Idle                      int // seconds
	TabTitle                  string
	Skip, Menu, Close, Away   string
	Leave, Stay, AwayQuestion string
	NavName, CrumbsName       string
}

type shellSection struct {
	Name, Path string
	Icon       assets.Icon
	Here, Gap  bool
}

// Shell answers with a page of the administration.
func Shell(w http.ResponseWriter, r *http.Request, status int, p Page) {
	var say words.Speaker
	who := WhoOf(r.Context())
	body, err := p.Set.Render(p.Template, p.Data)
	if err != nil {
		broken(w, r, err)
		return
	}
	s := shellShown{
		Page: p, Who: who, Body: template.HTML(body), Idle: int(who.Idle.Seconds()), // of a template
		TabTitle: say.Say(words.ShellTab, p.Title, who.Organisation),
		Skip:     say.Say(words.ShellSkip), Menu: say.Say(words.ShellMenu), Close: say.Say(words.ShellClose),
		Away: say.Say(words.ShellAway), AwayQuestion: say.Say(words.ShellAwayQuestion),
		Leave: say.Say(words.ShellLeave), Stay: say.Say(words.ShellStay),
		NavName: say.Say(words.ShellNavigation), CrumbsName: say.Say(words.ShellCrumbs),
	}
	for i, one := range sections {
		may := len(one.any) == 0 || slices.ContainsFunc(one.any, func(p people.Permission) bool { return who.May[p] })
		if may {
			s.Nav = append(s.Nav, shellSection{say.Say(one.name), one.path, one.icon, Section(i) == p.Section, one.gap})
		}
	}
	page, err := shell.Render("shell", s)
	if err != nil {
		broken(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page) // a visitor who went doesn't matter
	}
}
