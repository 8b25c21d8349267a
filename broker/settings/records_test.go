package settings

import (
	"encoding/json"
	"strings"
	"testing"

	"handrail/broker/people"
	"handrail/shared/wire"
)

func TestT01WhatIsKeptIsAWordInFilesAndAnswers(t *testing.T) {
	for _, c := range []struct {
		records Records
		file    string
		json    string
	}{
		{Records{}, "", ""},
		{Records{Keep: wire.KeepSealed}, "records:\n  keep: sealed\n", `"records":{"keep":"sealed"}`},
		{Records{Keep: wire.KeepReadable, Days: 90}, "records:\n  keep: readable\n  days: 90\n", `"records":{"keep":"readable","days":90}`},
		{Records{Days: 30}, "records:\n  days: 30\n", `"records":{"days":30}`},
	} {
		s := Default("Works")
		s.Records = c.records
		file, err := Export(s, people.Staff{})
		if err != nil || !strings.HasSuffix(string(file), c.file) || (c.file == "") == strings.Contains(string(file), "records") {
			t.Errorf("%+v is in the file as\n%s %v", c.records, file, err)
		}
		if back, err := Import(file, s); err != nil || back.Records != c.records {
			t.Errorf("%+v comes back from the file as %+v %v", c.records, back.Records, err)
		}
		if got := text(t, s); !strings.Contains(got, c.json) || (c.json == "") == strings.Contains(got, `"records"`) {
			t.Errorf("%+v is %s", c.records, got)
		}
		if back := s.Clone(); back.Records != c.records {
			t.Errorf("%+v is kept as %+v", c.records, back.Records)
		}
	}
	from, to := Default("Works"), Default("Works")
	to.Records.Keep = wire.KeepSealed
	changes := Compare(from, to)
	if len(changes) != 1 || changes[0].Old != "Forgotten" || changes[0].New != "Kept sealed" {
		t.Errorf("told as %+v", changes)
	}
	var s Settings
	if err := json.Unmarshal([]byte(`{"records":{"keep":"everything"}}`), &s); err == nil || s.Records.Keep != wire.KeepNothing {
		t.Errorf("an unknown choice is %v, %v", s.Records.Keep, err)
	}
}
