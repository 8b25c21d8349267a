package hours

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// office is open on weekdays from 8 to 12 and from 13 to 17:30, on Friday
// nights until 2, and on Sundays all day.
func office() Schedule {
	s := Schedule{Limited: true, Zone: "Europe/Berlin", Holidays: []Holiday{
		{Date: Date{2026, 12, 25}, Name: "Christmas"},
		{Date: Date{2026, 12, 24}, Name: "Christmas Eve", Open: []Span{{540, 720}}},
	}}
	for d := time.Monday; d <= time.Friday; d++ {
		s.Week[d] = []Span{{780, 1050}, {480, 720}} // in any order
	}
	s.Week[time.Friday] = append(s.Week[time.Friday], Span{1320, 120})
	s.Week[time.Sunday] = []Span{{0, 1440}}
	return s
}

func TestP08OpenByTheWallClockOfItsZone(t *testing.T) {
	s := office()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, now string
		open      bool
		change    string
	}{
		{"Wednesday before eight", "2026-11-18T06:59:59Z", false, "2026-11-18T07:00:00Z"},
		{"at eight", "2026-11-18T07:00:00Z", true, "2026-11-18T11:00:00Z"},
		{"at noon", "2026-11-18T11:00:00Z", false, "2026-11-18T12:00:00Z"},
		{"Wednesday evening", "2026-11-18T16:30:00Z", false, "2026-11-19T07:00:00Z"},
		{"Friday night", "2026-11-20T22:00:00Z", true, "2026-11-21T01:00:00Z"},
		{"Saturday", "2026-11-21T10:00:00Z", false, "2026-11-21T23:00:00Z"},
		{"Sunday to midnight", "2026-11-22T10:00:00Z", true, "2026-11-22T23:00:00Z"},
		{"in summer an hour earlier", "2026-07-15T06:00:00Z", true, "2026-07-15T10:00:00Z"},
		{"Christmas Eve opens at nine", "2026-12-24T07:30:00Z", false, "2026-12-24T08:00:00Z"},
		{"Christmas is closed, and the night before too", "2026-12-24T12:00:00Z", false, "2026-12-26T23:00:00Z"},
		{"the long Sunday of the end of summer time", "2026-10-25T10:00:00Z", true, "2026-10-25T23:00:00Z"},
	} {
		open, change := s.Open(at(t, c.now))
		if open != c.open || !change.Equal(at(t, c.change)) {
			t.Errorf("%s: open %v until %v, want %v until %s", c.name, open, change.UTC(), c.open, c.change)
		}
	}
}

func TestP08NightsInWhichTheClockIsChanged(t *testing.T) {
	for _, c := range []struct {
		name, zone  string
		span        Span
		from, opens string
		length      time.Duration
	}{
		{"spring forward", "Europe/Berlin", Span{60, 240}, "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z", 2 * time.Hour},
		{"fall back", "Europe/Berlin", Span{60, 240}, "2026-10-24T12:00:00Z", "2026-10-24T23:00:00Z", 4 * time.Hour},
		{"from a time that is skipped", "Europe/Berlin", Span{150, 300}, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", 2 * time.Hour},
		{"to a time that is skipped", "Europe/Berlin", Span{60, 150}, "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z", time.Hour},
		{"all of it is skipped", "Europe/Berlin", Span{130, 170}, "2026-03-28T12:00:00Z", "2026-04-05T00:10:00Z", 40 * time.Minute},
		{"midnight is skipped", "Asia/Beirut", Span{0, 120}, "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z", time.Hour},
		{"west of Greenwich", "America/New_York", Span{150, 300}, "2026-03-07T18:00:00Z", "2026-03-08T07:00:00Z", 2 * time.Hour},
	} {
		s := Schedule{Limited: true, Zone: c.zone}
		s.Week[time.Sunday] = []Span{c.span}
		_, opens := s.Open(at(t, c.from))
		_, closes := s.Open(opens)
		if !opens.Equal(at(t, c.opens)) || closes.Sub(opens) != c.length {
			t.Errorf("%s: from %v for %v", c.name, opens.UTC(), closes.Sub(opens))
		}
	}
}

func TestP08AlwaysAndNever(t *testing.T) {
	now := at(t, "2026-11-18T07:00:00Z")
	always := Schedule{}
	if open, change := always.Open(now); !open || !change.IsZero() {
		t.Errorf("without a schedule: %v until %v", open, change)
	}
	never := Schedule{Limited: true, Zone: "UTC"}
	if open, change := never.Open(now); open || !change.IsZero() {
		t.Errorf("without hours: %v until %v", open, change)
	}
	whole := Schedule{Limited: true, Zone: "UTC"}
	for d := range whole.Week {
		whole.Week[d] = []Span{{0, 1440}}
	}
	if open, change := whole.Open(now); !open || change.Sub(now) < 24*time.Hour {
		t.Errorf("day and night: %v until %v", open, change)
	}
	nowhere := Schedule{Limited: true, Zone: "Mars/Olympus"}
	if open, _ := nowhere.Open(now); open {
		t.Error("open in a zone that nobody knows")
	}
}

func TestP08ImpossibleSchedulesAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Schedule){
		"no zone there":       func(s *Schedule) { s.Zone = "Nowhere" },
		"this machine's zone": func(s *Schedule) { s.Zone = "Local" },
		"a path":              func(s *Schedule) { s.Zone = "../../etc/passwd" },
		"an empty span":       func(s *Schedule) { s.Week[1] = []Span{{60, 60}} },
		"past midnight":       func(s *Schedule) { s.Week[1] = []Span{{60, 1441}} },
		"from nowhere":        func(s *Schedule) { s.Week[1] = []Span{{-1, 60}} },
		"too many":            func(s *Schedule) { s.Week[1] = make([]Span, MaxSpans+1) },
		"30 February":         func(s *Schedule) { s.Holidays = []Holiday{{Date: Date{2026, 2, 30}}} },
		"a holiday twice":     func(s *Schedule) { s.Holidays = append(s.Holidays, s.Holidays[0]) },
		"many holidays":       func(s *Schedule) { s.Holidays = make([]Holiday, MaxHolidays+1) },
	} {
		s := office()
		change(&s)
		if err := s.Check(); !errors.Is(err, ErrBad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
