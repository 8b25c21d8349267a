package shift

import "handrail/shared/paste"

// front says which session the rep works in: what the rep copies is for that
// one alone.
func (s *Shift) front() {
	var in *paste.Session
	if v := s.visitors.get(s.model.Front()); v != nil {
		in = v.clip
	}
	s.desk.Front(in)
}
