package manage

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// textsShown is the page of a portal's texts in one language.
type textsShown struct {
	Path, Version         string
	Tabs                  []tab
	Languages             []tab
	LanguagesName         string
	Form                  web.Form
	Texts                 []textShown
	Save, Default, Own    string
	Clash                 []settings.Change
	ClashTitle, ClashHint string
	Was, Is, Nothing      string
}

// textShown is one text: the portal's own, with the default beside it.
type textShown struct {
	Field   web.Field
	Name    string
	Default string
	Own     bool
	Dir     string
}

// texts are a portal's own words (row W08), one language at a time.
func (m *Manage) texts(w http.ResponseWriter, r *http.Request) {
	s, p, ok := m.portal(w, r)
	if !ok {
		return
	}
	language, ok := textLanguage(p, r.URL.Query())
	if !ok {
		missing(w, r)
		return
	}
	if r.Method != http.MethodPost {
		if web.Reads(w, r) {
			m.showTexts(w, r, http.StatusOK, p, language, s.version, nil, nil)
		}
		return
	}
	typed, ok := web.ReadForm(w, r, maxForm)
	if !ok {
		return
	}
	made, err := strconv.ParseUint(typed.Get("version"), 10, 62)
	if err != nil || made > s.version {
		web.Fail(w, r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	in := &input{typed: typed, base: "portals." + p.ID + ".texts." + language + "."}
	draft := s.Clone()
	own := map[settings.TextName]string{}
	for _, k := range settings.Texts() {
		if text := in.text(string(k.Name)); text != "" && typed.Get("do") != "default:"+string(k.Name) {
			own[k.Name] = text
		}
	}
	edit(p.ID, func(p *settings.Portal) {
		if p.Texts == nil {
			p.Texts = map[string]map[settings.TextName]string{}
		}
		if p.Texts[language] = own; len(own) == 0 {
			delete(p.Texts, language)
		}
	})(&draft)
	var wrong settings.Wrongs
	if made != s.version {
		clash, ok := m.clash(w, r, s, sheet{base: "portals." + p.ID + ".", paths: []string{"texts." + language}}, made, draft)
		if !ok {
			return
		}
		if len(clash) > 0 {
			m.showTexts(w, r, http.StatusConflict, draft.Portals[p.ID], language, s.version, nil, clash)
			return
		}
	}
	if len(in.wrong) == 0 {
		err := m.save(w, r, s, draft)
		switch {
		case err == nil:
			to(w, r, portalsPath+"/"+p.ID+"/texts?language="+url.QueryEscape(language), "saved")
			return
		case errors.Is(err, errAnswered):
			return
		case errors.Is(err, settings.ErrChanged):
			moment := settings.Wrongs{{Sentence: words.ManageMoment}}
			m.showTexts(w, r, http.StatusConflict, draft.Portals[p.ID], language, s.version, moment, nil)
			return
		}
		errors.As(err, &wrong)
	}
	m.showTexts(w, r, http.StatusUnprocessableEntity, draft.Portals[p.ID], language, made, append(in.wrong, wrong...), nil)
}

// textLanguage is the language that the address asks for: one that is offered
// or has texts.
func textLanguage(p settings.Portal, query url.Values) (string, bool) {
	language := query.Get("language")
	if language == "" {
		return p.First(), true
	}
	return language, slices.Contains(textLanguages(p), language)
}

func textLanguages(p settings.Portal) []string {
	all := slices.Clone(p.Offered())
	for l := range p.Texts {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	slices.Sort(all[len(p.Offered()):])
	return all
}

func (m *Manage) showTexts(w http.ResponseWriter, r *http.Request, status int, p settings.Portal, language string, version uint64,
	wrong settings.Wrongs, clash []settings.Change,
) {
	path := portalsPath + "/" + p.ID + "/texts"
	shown := textsShown{
		Path: path + "?language=" + url.QueryEscape(language), Version: strconv.FormatUint(version, 10),
		Tabs: portalTabs(p, "texts"), LanguagesName: say(words.ManageLanguages), Clash: clash,
		Save: say(words.ManageSave), Default: say(words.ManageDefault), Own: say(words.ManageUseDefault),
		ClashTitle: say(words.ManageClash), ClashHint: say(words.ManageClashHint),
		Was: say(words.ManageWas), Is: say(words.ManageIs), Nothing: say(words.SaidNothing),
	}
	for _, l := range textLanguages(p) {
		shown.Languages = append(shown.Languages, tab{words.LanguageName(l), path + "?language=" + url.QueryEscape(l), l == language})
	}
	groups := []group{{}}
	for _, k := range settings.Texts() {
		own := p.Texts[language][k.Name]
		f := web.Field{Name: string(k.Name), Label: say(words.TextLabel(string(k.Name))), Value: own}
		if !k.Line {
			f.Kind, f.Rows = "textarea", 5
		}
		f.Hint = say(words.ManageMacros, "{"+strings.Join(k.Macros, "}, {")+"}")
		groups[0].Fields = append(groups[0].Fields, f)
		shown.Texts = append(shown.Texts, textShown{
			Name: string(k.Name), Own: own != "", Default: inherited(p, language, k.Name), Dir: web.Direction(language),
		})
	}
	other := place(groups, wrong, "portals."+p.ID+".texts."+language+".")
	for i := range shown.Texts {
		shown.Texts[i].Field = groups[0].Fields[i]
	}
	shown.Form = web.Check(say(words.ManagePleaseMend), groups[0].Fields...)
	m.show(w, r, status, web.Page{
		Title: p.Name, Section: web.Portals, Crumbs: portalCrumbs(p)[:1], Lead: say(words.ManageTextsLead),
		Problem: strings.Join(other, " "), Template: "texts", Data: shown,
	})
}

// inherited is what is said where a portal has no words of its own in a
// language.
func inherited(p settings.Portal, language string, name settings.TextName) string {
	bare := p
	bare.Texts = map[string]map[settings.TextName]string{}
	for l, texts := range p.Texts {
		if l != language {
			bare.Texts[l] = texts
		}
	}
	return bare.Text(language, name)
}
