package manage

import (
	"fmt"
	"net/http"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/words"
)

// staffTag spells a state of the organisation as an entity tag.
func staffTag(o people.Organisation) string { return fmt.Sprintf(`"%x"`, o.Stamp()) }

// getStaff answers with people, teams and roles as they are in a file: as much
// of it as the token may read.
func (m *Manage) getStaff(w http.ResponseWriter, r *http.Request, t people.Token) {
	o, err := m.Store.Organisation(r.Context())
	if err != nil {
		m.broken(w, r, err)
		return
	}
	staff := o.Staff().For(t.May)
	if !staff.Says() {
		refuse(w, http.StatusForbidden, words.APINotAllowed)
		return
	}
	w.Header().Set("ETag", staffTag(o))
	answer(w, http.StatusOK, staff)
}

// setStaff makes people what a program says, with no more rights than its token
// and its rep have.
func (m *Manage) setStaff(w http.ResponseWriter, r *http.Request, t people.Token) {
	body, ok := read(w, r)
	if !ok {
		return
	}
	if !t.May[people.ManagePeople] && !t.May[people.EditTeams] && !t.May[people.EditRoles] {
		refuse(w, http.StatusForbidden, words.APINotAllowed)
		return
	}
	o, err := m.Store.Organisation(r.Context())
	if err != nil {
		m.broken(w, r, err)
		return
	}
	if !matches(w, r, staffTag(o)) {
		return
	}
	staff, err := settings.ReadStaff(body)
	if err == nil {
		if r.Method == http.MethodPatch {
			staff = staff.With(o.Staff())
		}
		err = m.Store.SetStaff(r.Context(), people.Asker{Rep: t.Rep, May: t.May}, o.Stamp(), staff, m.Now())
	}
	if m.refused(w, r, err) {
		return
	}
	m.Changed()
	if o, err = m.Store.Organisation(r.Context()); err != nil {
		m.broken(w, r, err)
		return
	}
	w.Header().Set("ETag", staffTag(o))
	answer(w, http.StatusOK, struct{}{})
}
