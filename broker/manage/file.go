package manage

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// fileShown is the page of settings as a file, and of its review.
type fileShown struct {
	Tabs                                              []tab
	ExportTitle, ExportText, ExportButton, ExportPath string
	MayImport                                         bool
	ImportTitle, ImportText, ImportButton, ImportPath string
	FileLabel, Problem, WrongTitle                    string
	Wrong                                             []string
	Diff                                              diff
	Text, Version, Sum, Apply, Cancel                 string
}

// diff is a table of changes.
type diff struct {
	Rows                            []settings.Change
	Section, What, Was, Is, Nothing string
}

// diffOf shows changes, with the names of teams and reps.
func diffOf(o people.Organisation, all []settings.Change) diff {
	for i, c := range all {
		parts := strings.Split(c.Path, ".")
		switch {
		case parts[0] == "teamPolicies":
			all[i].Section = say(words.SectionTeamPolicy, teamName(o, parts[1]))
		case parts[0] == "repPolicies":
			id, _ := strconv.ParseUint(parts[1], 10, 63) // it is one
			all[i].Section = say(words.SectionRepPolicy, repName(o, id))
		case strings.HasPrefix(c.Path, "staff.teams."):
			all[i].Section = say(words.SectionTeam, teamName(o, parts[2]))
			if strings.HasSuffix(c.Path, ".above") {
				all[i].Old, all[i].New = teamName(o, c.Old), teamName(o, c.New)
			}
		case strings.HasSuffix(c.Path, ".team"):
			all[i].Old, all[i].New = teamName(o, c.Old), teamName(o, c.New)
		}
	}
	return diff{
		Rows: all, Section: say(words.ManageWhere), What: say(words.ManageWhat), Was: say(words.ManageOld), Is: say(words.ManageNew),
		Nothing: say(words.SaidNothing),
	}
}

// teamName is a team's name, by its number as text.
func teamName(o people.Organisation, number string) string {
	id, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return number
	}
	if t, ok := o.Teams[id]; ok {
		return t.Name
	}
	return say(words.ManageGoneTeam, id)
}

func fileWords(r *http.Request) fileShown {
	return fileShown{
		Tabs: settingsTabs(r, "file"), ExportTitle: say(words.FileExport), ExportText: say(words.FileExportText),
		ExportButton: say(words.FileExportDo), ExportPath: settingsPath + "/export", MayImport: web.WhoOf(r.Context()).May[people.ImportSettings],
		ImportTitle: say(words.FileImport), ImportText: say(words.FileImportText), ImportButton: say(words.FileImportDo),
		ImportPath: settingsPath + "/import", FileLabel: say(words.FileChoose), WrongTitle: say(words.FileWrong),
		Apply: say(words.FileApply), Cancel: say(words.ManageCancel),
	}
}

func (m *Manage) showFile(w http.ResponseWriter, r *http.Request, status int, shown fileShown) {
	p := web.Page{
		Title: say(words.ShellSettings), Section: web.Settings, Lead: say(words.FileLead), Template: "file", Data: shown, Problem: shown.Problem,
	}
	if len(shown.Diff.Rows) > 0 {
		p.Crumbs = []web.Link{{Text: say(words.ShellSettings), Path: settingsPath + "/file"}}
		p.Title, p.Lead, p.Template = say(words.FileReview), say(words.FileReviewText), "review"
	}
	m.show(w, r, status, p)
}

func (m *Manage) file(w http.ResponseWriter, r *http.Request) {
	if web.Reads(w, r) {
		m.showFile(w, r, http.StatusOK, fileWords(r))
	}
}

// export answers with the settings as a file.
func (m *Manage) export(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	text, err := settings.Export(s.Settings, s.people.Staff().For(web.WhoOf(r.Context()).May))
	if err != nil {
		m.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="handrail-settings-%d.yaml"`, s.version))
	_, _ = w.Write(text) // a browser that went doesn't matter
}

// importFile shows what a file would change, and changes it when that was
// agreed to: the review sends the file again, and what it was reviewed against.
func (m *Manage) importFile(w http.ResponseWriter, r *http.Request) {
	shown := fileWords(r)
	if r.Method != http.MethodPost {
		if web.Reads(w, r) {
			m.showFile(w, r, http.StatusOK, shown)
		}
		return
	}
	typed, file, ok := readSent(w, r, words.FileLarge)
	if !ok {
		return
	}
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	if file == nil {
		file = []byte(typed.Get("text"))
	}
	// A browser sends every end of a line as CR LF, whatever it was.
	file = []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(file)))
	p, err := m.propose(r, s, file)
	var wrong settings.Wrongs
	switch {
	case errors.As(err, &wrong):
		m.refuseFile(w, r, shown, wrong)
		return
	case err != nil:
		m.failed(w, r, err)
		return
	}
	sum := sha256.Sum256(file)
	shown.Diff = diffOf(p.names(s.people), append(settings.Compare(s.Settings, p.next), settings.CompareStaff(s.people.Staff(), p.after.Staff())...))
	shown.Text, shown.Version, shown.Sum = string(file), p.version, hex.EncodeToString(sum[:])
	switch {
	case len(shown.Diff.Rows) == 0:
		shown.Problem = say(words.ApplyNothing)
		m.showFile(w, r, http.StatusOK, shown)
	case typed.Get("do") != "apply" || typed.Get("sum") != shown.Sum:
		m.showFile(w, r, http.StatusOK, shown)
	case typed.Get("version") != shown.Version:
		shown.Problem = say(words.FileMoved)
		m.showFile(w, r, http.StatusConflict, shown)
	default:
		err := m.accept(w, r, s, p)
		switch {
		case err == nil:
			to(w, r, settingsPath+"/file", "saved")
		case errors.Is(err, errAnswered):
		case errors.As(err, &wrong):
			m.refuseFile(w, r, shown, wrong)
		default:
			shown.Problem = say(words.FileMoved)
			m.showFile(w, r, http.StatusConflict, shown)
		}
	}
}

// keyStaff is where people stand in a file.
const keyStaff = "staff"

// proposal is what a file would make of what is there.
type proposal struct {
	next    settings.Settings
	staff   people.Staff
	after   people.Organisation
	version string // of what the file was compared with
}

// propose reads a file and looks whether it can be done by whoever sends it.
func (m *Manage) propose(r *http.Request, s state, file []byte) (p proposal, err error) {
	p.after, p.version = s.people, strconv.FormatUint(s.version, 10)
	if p.next, p.staff, err = settings.ImportWith(file, s.Settings); err != nil {
		return p, err
	}
	if p.staff.Says() {
		p.version = fmt.Sprintf("%s-%x", p.version, s.people.Stamp())
		by := people.Asker{Rep: web.WhoOf(r.Context()).Rep}
		if p.after, _, err = s.people.Arrange(by, p.staff, m.Now()); err != nil {
			return p, settings.StaffWrongs(err, keyStaff)
		}
	}
	if err = p.next.RefersAfter(s.Settings, known(s.people), known(p.after)); err == nil {
		err = p.next.Fit(m.Now())
	}
	if err == nil {
		err = lockedOut(r, s.Settings, p.next)
	}
	return p, err
}

// names is the organisation of now with the teams that would come, so that each
// has a name.
func (p proposal) names(now people.Organisation) people.Organisation {
	now.Teams = maps.Clone(now.Teams)
	for id, t := range p.after.Teams {
		if _, known := now.Teams[id]; !known {
			now.Teams[id] = t
		}
	}
	return now
}

// lockedOut refuses networks of log-in that would keep out whoever sends them.
func lockedOut(r *http.Request, from, to settings.Settings) error {
	if slices.Equal(from.People.LoginNetworks, to.People.LoginNetworks) || web.Admits(to.People.LoginNetworks, web.From(r)) {
		return nil
	}
	return settings.Wrongs{{Where: "people.loginNetworks", Sentence: words.ManageLockOut, Args: []any{web.From(r)}}}
}

// accept keeps what was proposed. It answers as save does.
func (m *Manage) accept(w http.ResponseWriter, r *http.Request, s state, p proposal) error {
	by := web.WhoOf(r.Context()).Rep
	if !p.staff.Says() {
		return m.kept(w, r, m.Store.SetSettings(r.Context(), by, s.version, p.next, m.Now()))
	}
	return m.kept(w, r, m.Store.SetFile(r.Context(), by, s.version, p.next, s.people.Stamp(), p.staff, m.Now()))
}

// refuseFile tells all that is wrong with a file.
func (m *Manage) refuseFile(w http.ResponseWriter, r *http.Request, shown fileShown, wrong settings.Wrongs) {
	shown.Diff = diff{}
	for _, one := range wrong {
		text := say(one.Sentence, one.Args...)
		switch {
		case one.Line > 0:
			text = say(words.FileLine, one.Line, one.Where, text)
		case one.Where != "":
			text = say(words.FilePlace, one.Where, text)
		}
		shown.Wrong = append(shown.Wrong, text)
	}
	m.showFile(w, r, http.StatusUnprocessableEntity, shown)
}

// historyShown is the list of versions.
type historyShown struct {
	Tabs                     []tab
	Rows                     []versionRow
	Number, When, Who, Empty string
	Diff                     diff
}

type versionRow struct{ Number, Path, When, Who string }

const mostVersions = 200

// history lists who changed settings, and when.
func (m *Manage) history(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	versions, err := m.Store.SettingsHistory(r.Context(), mostVersions)
	if err != nil {
		m.failed(w, r, err)
		return
	}
	shown := historyShown{
		Tabs: settingsTabs(r, "history"), Number: say(words.HistoryNumber), When: say(words.HistoryWhen), Who: say(words.HistoryWho),
		Empty: say(words.HistoryEmpty),
	}
	for _, v := range versions {
		shown.Rows = append(shown.Rows, rowOf(s, v))
	}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.ShellSettings), Section: web.Settings, Lead: say(words.HistoryLead), Template: "history", Data: shown,
	})
}

func rowOf(s state, v settings.Version) versionRow {
	row := versionRow{
		Number: strconv.FormatUint(v.Number, 10), When: v.At.UTC().Format("2006-01-02 15:04 UTC"), Who: say(words.HistoryCommand),
	}
	row.Path = settingsPath + "/history/" + row.Number
	if v.By != 0 {
		row.Who = repName(s.people, v.By)
	}
	return row
}

// version shows what one change changed.
func (m *Manage) version(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	n, err := strconv.ParseUint(r.PathValue("version"), 10, 62)
	if err != nil || n == 0 || n > s.version {
		missing(w, r)
		return
	}
	before, err := m.Store.SettingsAt(r.Context(), n-1)
	if err != nil {
		m.failed(w, r, err)
		return
	}
	after, err := m.Store.SettingsAt(r.Context(), n)
	if err != nil {
		m.failed(w, r, err)
		return
	}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.HistoryVersion, n), Section: web.Settings, Crumbs: []web.Link{{Text: say(words.TabHistory), Path: settingsPath + "/history"}},
		Template: "changes", Data: historyShown{
			Diff: diffOf(s.people, settings.Compare(before, after)), Empty: say(words.ManageSame),
		},
	})
}
