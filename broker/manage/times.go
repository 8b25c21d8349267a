package manage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/hours"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// momentForm is what browsers send for a time on a date.
const momentForm = "2006-01-02T15:04"

// zone is the time zone in which a portal's times are typed.
func zone(p settings.Portal) *time.Location {
	z, err := time.LoadLocation(p.Hours.Zone)
	if err != nil || p.Hours.Zone == "Local" {
		return time.UTC
	}
	return z
}

func noticesSheet(p settings.Portal, f *sheet) {
	f.paths, f.lead = []string{"notices"}, words.ManageNoticesLead
	var now time.Time
	f.read = func(in *input, s *settings.Settings) {
		now = in.now
		edit(p.ID, func(p *settings.Portal) {
			p.Notices = nil
			for i := range in.count("notices", settings.MaxNotices) {
				at := fmt.Sprintf("notices.%d.", i)
				n := settings.Notice{
					ID: in.id(at + "id"), Title: in.text(at + "title"), Text: in.text(at + "text"),
					Leave: in.on(at + "leave"), Pushed: in.on(at + "pushed"),
				}
				if until := in.text(at + "until"); until != "" {
					t, err := time.ParseInLocation(momentForm, until, zone(*p))
					if err != nil {
						in.bad(at+"until", words.ManageNotMoment)
					}
					n.Until = t.UTC()
				}
				p.Notices = append(p.Notices, n)
			}
		})(s)
	}
	f.change = func(s *settings.Settings, verb, list string, at int) {
		edit(p.ID, func(p *settings.Portal) {
			if list == "notices" {
				p.Notices = rearrange(p.Notices, verb, at, func() settings.Notice {
					return settings.Notice{ID: freeID(now, func(id uint64) bool {
						return slices.ContainsFunc(p.Notices, func(n settings.Notice) bool { return n.ID == id })
					})}
				})
			}
		})(s)
	}
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		return []group{{
			List: "notices", Count: len(p.Notices), Add: say(words.ManageAddNotice), None: say(words.ManageNoNotices),
			Items: listed("notices", p.Notices, func(_ int, at string, n settings.Notice) item {
				it := item{Name: n.Title, Tag: say(words.ManageNoticeOn), Kind: "good", Hidden: []web.Field{hidden(at+"id", strconv.FormatUint(n.ID, 10))}}
				if !n.Active(v.now) {
					it.Tag, it.Kind = say(words.ManageNoticeOver), ""
				}
				until := ""
				if !n.Until.IsZero() {
					until = n.Until.In(zone(p)).Format(momentForm)
				}
				title, text := v.field(at+"title", words.ManageTitle, n.Title), v.field(at+"text", words.ManageText, n.Text)
				title.Max, text.Max = settings.MaxName, settings.MaxNotice
				end := v.field(at+"until", words.ManageUntil, until)
				end.Kind = "datetime-local"
				it.Fields = []web.Field{
					title, area(hinted(text, words.ManageProseHint, settings.MaxNotice), 4),
					hinted(end, words.ManageUntilHint, zone(p)),
					v.check(at+"leave", words.ManageLeave, n.Leave, words.ManageLeaveHint),
					v.check(at+"pushed", words.ManagePush, n.Pushed, words.ManagePushHint),
				}
				return it
			}),
		}}
	}
}

// spans reads "09:00-12:00, 13:00-17:30".
func spans(in *input, name string) []hours.Span {
	var all []hours.Span
	text := strings.NewReplacer("–", "-", " - ", "-", " -", "-", "- ", "-").Replace(in.text(name))
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		var s hours.Span
		if s.UnmarshalText([]byte(padded(part))) != nil {
			in.bad(name, words.ManageNotHours)
			return nil
		}
		all = append(all, s)
	}
	return all
}

// padded makes 09:00-17:00 of 9-17 and 9:00-17:00, which people write.
func padded(span string) string {
	from, to, ok := strings.Cut(span, "-")
	if !ok {
		return span
	}
	one := func(clock string) string {
		if clock != "" && strings.Trim(clock, "0123456789") == "" && len(clock) < 3 {
			clock += ":00"
		}
		if len(clock) == 4 {
			clock = "0" + clock
		}
		return clock
	}
	return one(from) + "-" + one(to)
}

func spelled(all []hours.Span) string {
	var parts []string
	for _, s := range all {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}

func hoursSheet(p settings.Portal, f *sheet) {
	f.paths, f.lead = []string{"hours"}, words.ManageHoursLead
	f.read = func(in *input, s *settings.Settings) {
		edit(p.ID, func(p *settings.Portal) {
			p.Hours = hours.Schedule{Limited: in.on("hours.limited"), Zone: in.text("hours.zone")}
			if p.Hours.Limited && p.Hours.Zone == "" {
				in.bad("hours.zone", words.SetEmpty)
			}
			if z, err := time.LoadLocation(p.Hours.Zone); err != nil || p.Hours.Zone == "Local" || z == nil {
				in.bad("hours.zone", words.ManageNoZone)
			}
			for day := range p.Hours.Week {
				p.Hours.Week[day] = spans(in, "hours.week."+hours.DayName(day))
			}
			for i := range in.count("hours.holidays", hours.MaxHolidays) {
				at := fmt.Sprintf("hours.holidays.%d.", i)
				h := hours.Holiday{Name: in.text(at + "name"), Open: spans(in, at+"open")}
				if err := h.Date.UnmarshalText([]byte(in.text(at + "date"))); err != nil && in.saving() {
					in.bad(at+"date", words.ManageNotDate)
				}
				p.Hours.Holidays = append(p.Hours.Holidays, h)
			}
		})(s)
	}
	f.change = func(s *settings.Settings, verb, list string, at int) {
		edit(p.ID, func(p *settings.Portal) {
			if list == "hours.holidays" {
				p.Hours.Holidays = rearrange(p.Hours.Holidays, verb, at, func() hours.Holiday { return hours.Holiday{} })
			}
		})(s)
	}
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		week := group{Heading: say(words.ManageWeek), Hint: say(words.ManageWeekHint), Rows: true}
		for n := range 7 {
			day := time.Weekday((n + 1) % 7)
			week.Fields = append(week.Fields, v.field("hours.week."+hours.DayName(int(day)), words.Weekday(int(day)), spelled(p.Hours.Week[day])))
		}
		return []group{
			{Hint: openNow(p, v.now), Fields: []web.Field{
				v.check("hours.limited", words.ManageLimited, p.Hours.Limited, words.ManageLimitedHint),
				hinted(v.field("hours.zone", words.ManageZone, p.Hours.Zone), words.ManageZoneHint),
			}},
			week,
			{
				Heading: say(words.ManageHolidays), Hint: say(words.ManageHolidaysHint), List: "hours.holidays", Count: len(p.Hours.Holidays),
				Add: say(words.ManageAddHoliday), None: say(words.ManageNoHolidays),
				Items: listed("hours.holidays", p.Hours.Holidays, func(_ int, at string, h hours.Holiday) item {
					value := ""
					if h.Date != (hours.Date{}) {
						value = h.Date.String()
					}
					date := v.field(at+"date", words.ManageDate, value)
					date.Kind = "date"
					return item{Name: strings.TrimSpace(value + " " + h.Name), Fields: []web.Field{
						date, v.field(at+"name", words.ManageHolidayName, h.Name),
						hinted(v.field(at+"open", words.ManageHolidayOpen, spelled(h.Open)), words.ManageHolidayOpenHint),
					}}
				}),
			},
		}
	}
}

// openNow says how it stands with a portal's hours.
func openNow(p settings.Portal, now time.Time) string {
	open, change := p.Hours.Open(now)
	at := change.In(zone(p)).Format("2006-01-02 15:04")
	switch {
	case open && change.IsZero():
		return say(words.ManageAlwaysOpen)
	case open:
		return say(words.ManageOpenUntil, at)
	case change.IsZero():
		return say(words.ManageNeverOpen)
	}
	return say(words.ManageClosedUntil, at)
}
