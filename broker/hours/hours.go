// Package hours decides when a portal is open (row P08): weekly hours in a
// time zone, holidays, and when it opens next. It knows no clock.
package hours

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of a schedule.
const (
	MaxSpans    = 8       // on one day of the week
	MaxHolidays = 366     // in all
	dayLong     = 24 * 60 // minutes, by the clock on the wall
	// ahead is how far Next looks: what opens later than in a year is closed.
	ahead = 366
)

// ErrBad marks a schedule that can't be followed.
var ErrBad = errors.New("hours: not a schedule")

// Schedule says when a portal is open. The zero Schedule is always.
type Schedule struct {
	Limited  bool      `json:"limited,omitempty"` // otherwise always open
	Zone     string    `json:"zone,omitempty"`
	Week     Week      `json:"week,omitzero"`
	Holidays []Holiday `json:"holidays,omitempty"`
}

// Span is a part of a day, by the clock on the wall: minutes since midnight. An
// end of 1440 is midnight; one that is not after the beginning is on the next
// day.
type Span struct{ From, To int }

// Holiday is a date with hours of its own, or none.
type Holiday struct {
	Date Date   `json:"date"`
	Name string `json:"name,omitempty"`
	Open []Span `json:"open,omitempty"`
}

// Date is a day in the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Check says what is wrong with a schedule. Its errors are ErrBad.
func (s *Schedule) Check() error {
	if _, err := s.zone(); err != nil {
		return err
	}
	for weekday, spans := range s.Week {
		if err := check(spans); err != nil {
			return fmt.Errorf("%w on %v", err, time.Weekday(weekday))
		}
	}
	if len(s.Holidays) > MaxHolidays {
		return fmt.Errorf("%w: %d holidays, more than %d", ErrBad, len(s.Holidays), MaxHolidays)
	}
	seen := map[Date]bool{}
	for _, h := range s.Holidays {
		if h.Date.of(time.Date(h.Date.Year, h.Date.Month, h.Date.Day, 12, 0, 0, 0, time.UTC)) != h.Date {
			return fmt.Errorf("%w: there is no %v", ErrBad, h.Date)
		}
		if seen[h.Date] {
			return fmt.Errorf("%w: %v twice", ErrBad, h.Date)
		}
		seen[h.Date] = true
		if err := check(h.Open); err != nil {
			return fmt.Errorf("%w on %v", err, h.Date)
		}
	}
	return nil
}

func check(spans []Span) error {
	if len(spans) > MaxSpans {
		return fmt.Errorf("%w: %d spans, more than %d", ErrBad, len(spans), MaxSpans)
	}
	for _, s := range spans {
		if s.From < 0 || s.From >= 1440 || s.To < 0 || s.To > 1440 || s.From == s.To {
			return fmt.Errorf("%w: from minute %d to %d", ErrBad, s.From, s.To)
		}
	}
	return nil
}

func (s *Schedule) zone() (*time.Location, error) {
	z, err := time.LoadLocation(s.Zone)
	if err != nil || s.Zone == "Local" {
		return nil, fmt.Errorf("%w: no time zone %q", ErrBad, s.Zone)
	}
	return z, nil
}

// Open says whether the portal is open, and until or from when: the next
// moment at which that changes, zero if it never does.
func (s *Schedule) Open(now time.Time) (open bool, change time.Time) {
	if !s.Limited {
		return true, time.Time{}
	}
	for _, t := range s.times(now) {
		switch {
		case now.Before(t.from):
			return false, t.from
		case now.Before(t.to):
			return true, t.to
		}
	}
	return false, time.Time{}
}

// stretch is a time without a break.
type stretch struct{ from, to time.Time }

// times are the next open stretches, from yesterday on, those that touch made
// one. A span by the wall clock is longer or shorter in a night in which the
// clock is changed; one that is skipped altogether is not there.
func (s *Schedule) times(now time.Time) []stretch {
	zone, err := s.zone()
	if err != nil {
		return nil // Check has refused it: closed is the safe side
	}
	today := now.In(zone)
	var all []stretch
	for n := -1; n < ahead; n++ {
		noon := time.Date(today.Year(), today.Month(), today.Day()+n, 12, 0, 0, 0, zone)
		for _, span := range s.on(noon) {
			if t := span.on(noon); t.from.Before(t.to) && t.to.After(now) {
				all = append(all, t)
			}
		}
		if len(all) > 2*MaxSpans {
			break // whatever comes later changes nothing about the first
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
	return join(all)
}

// join makes one of stretches that touch.
func join(all []stretch) []stretch {
	var joined []stretch
	for _, t := range all {
		if n := len(joined); n > 0 && !t.from.After(joined[n-1].to) {
			if t.to.After(joined[n-1].to) {
				joined[n-1].to = t.to
			}
			continue
		}
		joined = append(joined, t)
	}
	return joined
}

// on are the spans that begin on a day.
func (s *Schedule) on(noon time.Time) []Span {
	date := Date{}.of(noon)
	for _, h := range s.Holidays {
		if h.Date == date {
			return h.Open
		}
	}
	return s.Week[noon.Weekday()]
}

func (Date) of(t time.Time) Date { return Date{t.Year(), t.Month(), t.Day()} }

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

func (s Span) on(noon time.Time) stretch {
	to := s.To
	if to <= s.From {
		to += dayLong
	}
	return stretch{wall(noon, s.From), wall(noon, to)}
}

// wall is when the clock on the wall says so many minutes since a day's
// midnight. What it never says, because it is put forward, is when that is done.
func wall(noon time.Time, minutes int) time.Time {
	t := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, minutes, 0, 0, noon.Location())
	if said := t.Hour()*60 + t.Minute(); said == minutes%dayLong {
		return t
	}
	before, after := t.ZoneBounds()
	if after.IsZero() || t.Sub(before) < after.Sub(t) {
		return before
	}
	return after
}
