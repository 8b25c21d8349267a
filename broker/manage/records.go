package manage

import (
	"net/http"
	"strconv"

	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Sealing is how it stands with what is kept sealed.
type Sealing struct {
	Key      bool // the organisation has made and signed a record key
	Consoles int  // that can open what is sealed for it
}

// records is the form of what is kept of sessions.
func (m *Manage) records(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	var sealing Sealing
	if m.Sealing != nil {
		var err error
		if sealing, err = m.Sealing(r.Context()); err != nil {
			m.failed(w, r, err)
			return
		}
	}
	was := s.Records
	f := sheet{
		path: settingsPath + "/records", tabs: settingsTabs(r, "records"), paths: []string{"records"},
		page: web.Page{Title: say(words.ShellSettings), Section: web.Settings}, lead: words.RecordsLead,
	}
	f.read = func(in *input, s *settings.Settings) {
		keep, known := settings.ParseKeep(in.text("records.keep"))
		if !known {
			in.bad("records.keep", words.RecordsChoose)
		}
		s.Records = settings.Records{Keep: keep, Days: in.number("records.days", 1, settings.MaxDays)}
		if shorter(was, s.Records) && !in.on("records.sure") {
			in.bad("records.sure", words.RecordsSureNeeded)
		}
	}
	f.show = func(v *view) []group { return showRecords(v, was, sealing) }
	m.serve(w, r, s, f)
}

// shorter says whether a change deletes sessions that would have stayed.
func shorter(was, is settings.Records) bool {
	return is.Days > 0 && (was.Days == 0 || is.Days < was.Days)
}

func showRecords(v *view, was settings.Records, sealing Sealing) []group {
	keep := v.field("records.keep", words.RecordsKeep, settings.KeepName(v.s.Records.Keep))
	keep.Kind, keep.Required = "radio", true
	for _, k := range []struct {
		keep wire.Keep
		hint words.Sentence
	}{
		{wire.KeepNothing, words.RecordsNothingHint}, {wire.KeepSealed, words.RecordsSealedHint}, {wire.KeepReadable, words.RecordsReadableHint},
	} {
		name := settings.KeepName(k.keep)
		keep.Options = append(keep.Options, web.Option{Value: name, Label: say(words.KeepChoice(k.keep)), Hint: say(k.hint), Chosen: name == keep.Value})
	}
	kept := group{Heading: say(words.RecordsSaid), Hint: say(words.RecordsSaidHint), Fields: []web.Field{keep}}
	if keep.Value == settings.KeepName(wire.KeepSealed) {
		kept.Note, kept.Warn = sealed(sealing)
	}
	days := v.number("records.days", words.RecordsDays, v.s.Records.Days, words.RecordsDaysHint, settings.MaxDays)
	days.Optional = say(words.RecordsDaysEmpty)
	long := group{Heading: say(words.RecordsLong), Hint: say(words.RecordsLongHint), Fields: []web.Field{days}}
	if v.typed != nil && shorter(was, v.s.Records) {
		sure := v.check("records.sure", words.RecordsSure, v.typed.Get("records.sure") != "", "")
		sure.Label = say(words.RecordsSure, strconv.Itoa(v.s.Records.Days))
		long.Fields = append(long.Fields, sure)
	}
	return []group{kept, long}
}

// sealed says who can open what is kept sealed: a note, or a warning where
// nothing can be sealed or nobody could open it.
func sealed(s Sealing) (note, warning string) {
	switch {
	case !s.Key:
		return "", say(words.RecordsNoKey)
	case s.Consoles == 0:
		return "", say(words.RecordsNoReaders)
	case s.Consoles == 1:
		return say(words.RecordsOneReader), ""
	}
	return say(words.RecordsReaders, s.Consoles), ""
}
