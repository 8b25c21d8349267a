package admin

import (
	"context"
	"net/http"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/web"
)

// overtaken is a store at which somebody else is first, once, in the moment
// between the look at what is kept and the change of it.
type overtaken struct {
	Store
	by func()
}

func (o *overtaken) Change(ctx context.Context, by uint64, c people.Change, now time.Time) (uint64, error) {
	if first := o.by; first != nil {
		o.by = nil
		first()
	}
	return o.Store.Change(ctx, by, c, now)
}

func TestA01WhoIsSecondInTheSameMomentUndoesNothing(t *testing.T) {
	for name, row := range map[string]struct {
		path   string
		form   []string
		first  people.Change
		status int
		says   string // to the second
		kept   func(people.Organisation) bool
	}{
		"a rep is disabled": {
			"/login/people/2",
			[]string{"name", "Rudolf", "mail", "rudi@example.org"},
			people.SetRep{Rep: people.Rep{ID: 2, PublicName: "Rudi", Mail: "rudi@example.org", Disabled: true}},
			http.StatusConflict, "Somebody else has changed this", func(o people.Organisation) bool { return o.Reps[2].Disabled },
		},
		"a rep gets another name": {
			"/login/people/2/state",
			[]string{"do", "disable"},
			people.SetRep{Rep: people.Rep{ID: 2, PublicName: "Rudolf", Mail: "rudi@example.org"}},
			http.StatusSeeOther, "did=disabled", func(o people.Organisation) bool { return o.Reps[2].Disabled && o.Reps[2].PublicName == "Rudolf" },
		},
		"a team gets a lead": {
			"/login/teams/1",
			[]string{"name", "Help"},
			people.SetTeam{Team: people.Team{ID: 1, Name: "Support", Members: map[uint64]people.Rank{2: people.Lead}}},
			http.StatusConflict, "Somebody else has changed this", func(o people.Organisation) bool { return o.Teams[1].Members[2] == people.Lead },
		},
		"a team is removed": {
			"/login/teams/1",
			[]string{"name", "Help"},
			people.RemoveTeam{ID: 1},
			http.StatusNotFound, "not any more", func(o people.Organisation) bool { return len(o.Teams) == 0 },
		},
		"a role loses a permission": {
			"/login/roles/auditor",
			[]string{"name", "Reader", "may", "audit.read"},
			people.SetRole{Role: people.Role{ID: "auditor", Name: "Auditor", May: people.Set{}}},
			http.StatusConflict, "Somebody else has changed this", func(o people.Organisation) bool { return !o.Roles["auditor"].May[people.ReadAudit] },
		},
		"a role is removed": {
			"/login/roles/auditor",
			[]string{"name", "Reader", "may", "audit.read"},
			people.RemoveRole{ID: "auditor"},
			http.StatusNotFound, "not any more", func(o people.Organisation) bool { return len(o.Roles) == 0 },
		},
		"a role of that name is added": {
			"/login/roles/new",
			[]string{"name", "Night", "may", "audit.read"},
			people.SetRole{Role: people.Role{ID: "night", Name: "Night", May: people.Set{}}},
			http.StatusSeeOther, "/login/roles/night-2", func(o people.Organisation) bool { return !o.Roles["night"].May[people.ReadAudit] },
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := furnished(t)
			b := h.in("olga")
			form := append(row.form, web.FieldOnce, web.NewOnce())
			if found := fieldValue.FindStringSubmatch(b.get(row.path).body); found != nil {
				form = append(form, "was", found[1])
			}
			h.frame.Store = &overtaken{h.store, func() {
				_, err := h.store.Change(t.Context(), 1, row.first, h.clock())
				h.must(err)
			}}
			h.want("the second", b.post(row.path, form...), row.status, row.says)
			o, err := h.store.Organisation(t.Context())
			h.must(err)
			if !row.kept(o) {
				t.Errorf("what the first did is gone: %+v", o)
			}
		})
	}
}
