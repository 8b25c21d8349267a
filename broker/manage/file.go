package manage

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
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
	text, err := settings.Export(s.Settings)
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
	typed, file, ok := readSent(w, r)
	if !ok {
		return
	}
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	if file == nil {
		file = []byte(strings.ReplaceAll(typed.Get("text"), "\r\n", "\n"))
	}
	next, err := settings.Import(file, s.Settings)
	if err == nil {
		if err = next.Refers(s.Settings, known(s.people)); err == nil {
			err = next.Fit(m.Now())
		}
	}
	var wrong settings.Wrongs
	if errors.As(err, &wrong) {
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
		return
	}
	sum := sha256.Sum256(file)
	shown.Diff = diffOf(s.people, settings.Compare(s.Settings, next))
	shown.Text, shown.Version, shown.Sum = string(file), strconv.FormatUint(s.version, 10), hex.EncodeToString(sum[:])
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
		err := m.save(w, r, s, next)
		switch {
		case err == nil:
			to(w, r, settingsPath+"/file", "saved")
		case errors.Is(err, errAnswered):
		default:
			shown.Problem = say(words.FileMoved)
			m.showFile(w, r, http.StatusConflict, shown)
		}
	}
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
		web.Missing(w, r)
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
