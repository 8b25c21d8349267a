package hours

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"
)

func TestP08SchedulesAreWrittenAsPeopleReadThem(t *testing.T) {
	s := Schedule{
		Limited: true, Zone: "Europe/Berlin",
		Week:     Week{time.Monday: {{540, 720}, {780, 1440}}, time.Sunday: {{1320, 120}}},
		Holidays: []Holiday{{Date: Date{2026, 12, 24}, Name: "Christmas Eve", Open: []Span{{540, 720}}}},
	}
	const want = `{"limited":true,"zone":"Europe/Berlin",` +
		`"week":{"monday":["09:00-12:00","13:00-24:00"],"sunday":["22:00-02:00"]},` +
		`"holidays":[{"date":"2026-12-24","name":"Christmas Eve","open":["09:00-12:00"]}]}`
	text, err := json.Marshal(s)
	if err != nil || string(text) != want {
		t.Fatalf("%v\n%s\n%s", err, text, want)
	}
	var back Schedule
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("%v\n%+v\n%+v", err, back, s)
	}
	if text, err = json.Marshal(Schedule{}); err != nil || string(text) != "{}" || !(Schedule{}).IsZero() || s.IsZero() {
		t.Errorf("always open is %s, %v", text, err)
	}
}

func TestP08WhatIsNoScheduleIsRefused(t *testing.T) {
	for _, text := range []string{
		`{"week":{"mon":["09:00-12:00"]}}`, `{"week":{"monday":["9-12"]}}`, `{"week":{"monday":["09:00"]}}`,
		`{"week":{"monday":["24:01-09:00"]}}`, `{"week":{"monday":["09:60-10:00"]}}`, `{"week":{"monday":["+9:00-10:00"]}}`,
		`{"week":[]}`, `{"holidays":[{"date":"24.12.2026"}]}`, `{"holidays":[{"date":"2026-02-30"}]}`,
	} {
		var s Schedule
		if err := json.Unmarshal([]byte(text), &s); !errors.Is(err, ErrBad) {
			t.Errorf("%s: %v, %+v", text, err, s)
		}
	}
}
