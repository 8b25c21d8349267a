package hours

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Week is the hours of a week, by time.Weekday, Sunday first.
type Week [7][]Span

// days are the names of the days in files, Monday first, which is how they are
// written.
var days = []struct {
	name string
	day  time.Weekday
}{
	{"monday", time.Monday},
	{"tuesday", time.Tuesday},
	{"wednesday", time.Wednesday},
	{"thursday", time.Thursday},
	{"friday", time.Friday},
	{"saturday", time.Saturday},
	{"sunday", time.Sunday},
}

// DayName is the name of a time.Weekday in files, such as "monday".
func DayName(day int) string {
	for _, d := range days {
		if int(d.day) == day {
			return d.name
		}
	}
	return ""
}

// MarshalJSON writes the days that have hours:
//
//	{"monday":["09:00-17:00"]}
func (w Week) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, d := range days {
		if len(w[d.day]) == 0 {
			continue
		}
		spans, err := json.Marshal(w[d.day])
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", d.name, spans)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Week) UnmarshalJSON(text []byte) error {
	var named map[string][]Span
	if err := json.Unmarshal(text, &named); err != nil {
		return fmt.Errorf("%w: %w", ErrBad, err)
	}
	*w = Week{}
	for _, d := range days {
		w[d.day] = named[d.name]
		if len(w[d.day]) == 0 {
			w[d.day] = nil
		}
		delete(named, d.name)
	}
	for name := range named {
		return fmt.Errorf("%w: no day %q", ErrBad, name)
	}
	return nil
}

// MarshalText writes "09:00-17:30".
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Span) String() string { return Clock(s.From) + "-" + Clock(s.To) }

// UnmarshalText reads what MarshalText writes.
func (s *Span) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	a, goodFrom := ParseClock(from)
	b, goodTo := ParseClock(to)
	if !ok || !goodFrom || !goodTo {
		return fmt.Errorf("%w: %q is no span like 09:00-17:30", ErrBad, text)
	}
	*s = Span{a, b}
	return nil
}

// Clock spells minutes since midnight as "09:05".
func Clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// ParseClock reads "09:05", and "24:00" as the midnight that ends a day.
func ParseClock(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, err1 := strconv.ParseUint(s[:2], 10, 8)
	m, err2 := strconv.ParseUint(s[3:], 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return int(h*60 + m), true
}

// MarshalText writes "2026-12-24".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%w: %q is no date like 2026-12-24", ErrBad, text)
	}
	*d = d.of(t)
	return nil
}

// IsZero says whether no day has hours.
func (w Week) IsZero() bool {
	for _, spans := range w {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}

// IsZero says whether a schedule says nothing: always open.
func (s Schedule) IsZero() bool {
	return !s.Limited && s.Zone == "" && s.Week.IsZero() && len(s.Holidays) == 0
}
