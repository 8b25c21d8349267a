package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"handrail/broker/chain"
	"handrail/broker/people"
)

// told adds entries to the log.
func told(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		act := []string{"rep.add", "rep.change", "report.read", "team.change"}[i%4]
		if err := s.change(t.Context(), "telling", func(tx *Tx) error {
			return noted(tx, uint64(i%3), act, subject("rep", i), map[string]any{"n": i}, start.Add(time.Duration(i)*time.Minute))
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestA04TheLogIsReadBackAndHolds(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		if seq, head, err := s.VerifyAudit(t.Context()); seq != 0 || head != (chain.Hash{}) || err != nil {
			t.Fatalf("an empty log: %d, %x, %v", seq, head, err)
		}
		told(t, s, 12)
		seq, head, err := s.VerifyAudit(t.Context())
		if err != nil || seq != 12 {
			t.Fatalf("verified %d, %v", seq, err)
		}
		if n, again, err := s.AuditHead(t.Context()); err != nil || n != seq || again != head {
			t.Errorf("the head is %d, %v", n, err)
		}
		for name, row := range map[string]struct {
			filter people.AuditFilter
			want   []uint64
		}{
			"newest":        {people.AuditFilter{Limit: 2}, []uint64{12, 11}},
			"before":        {people.AuditFilter{Limit: 2, Before: 11}, []uint64{10, 9}},
			"actor":         {people.AuditFilter{Limit: 9, Actor: "rep:2"}, []uint64{12, 9, 6, 3}},
			"local command": {people.AuditFilter{Limit: 1, Actor: "command"}, []uint64{10}},
			"one act":       {people.AuditFilter{Limit: 9, Act: "rep.add"}, []uint64{9, 5, 1}},
			"a kind":        {people.AuditFilter{Limit: 9, Act: "rep"}, []uint64{10, 9, 6, 5, 2, 1}},
			"subject":       {people.AuditFilter{Limit: 9, Subject: "rep:4"}, []uint64{5}},
			"time":          {people.AuditFilter{Limit: 9, From: start.Add(time.Minute), To: start.Add(3 * time.Minute)}, []uint64{3, 2}},
			"hostile":       {people.AuditFilter{Limit: 9, Act: "' or 1=1 --"}, nil},
			"no limit":      {people.AuditFilter{}, []uint64{12}},
		} {
			got, err := s.Audit(t.Context(), row.filter)
			var seqs []uint64
			for _, e := range got {
				seqs = append(seqs, e.Seq)
			}
			if err != nil || fmt.Sprint(seqs) != fmt.Sprint(row.want) {
				t.Errorf("%s: %v, %v; want %v", name, seqs, err, row.want)
			}
		}
	})
}

func TestA04WhoeverChangesTheTableIsNoticed(t *testing.T) {
	for name, text := range map[string]string{
		"changed":           `update audit set act = 'rep.x' where seq = 5`,
		"another time":      `update audit set at = at + 1 where seq = 5`,
		"other words":       `update audit set detail = prev where seq = 5`,
		"taken out":         `delete from audit where seq = 5`,
		"the first":         `delete from audit where seq = 1`,
		"cut off":           `delete from audit where seq > 5`,
		"all gone":          `delete from audit`,
		"the head is older": `update audit_head set seq = 5, hash = (select hash from audit where seq = 5)`,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p Place) {
				s := opened(t, p)
				told(t, s, 9)
				if err := s.change(t.Context(), "forging", func(tx *Tx) error { _, err := tx.exec(text); return err }); err != nil {
					t.Fatal(err)
				}
				if _, _, err := s.VerifyAudit(t.Context()); !errors.Is(err, chain.ErrBroken) {
					t.Errorf("verified: %v", err)
				}
			})
		})
	}
}

func TestA04AnActThatFailsLeavesNoEntry(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		told(t, s, 1)
		sorry := errors.New("no")
		if err := s.change(t.Context(), "failing", func(tx *Tx) error {
			return errors.Join(noted(tx, 1, "rep.add", "rep:1", nil, start), sorry)
		}); !errors.Is(err, sorry) {
			t.Fatal(err)
		}
		told(t, s, 1)
		if seq, _, err := s.VerifyAudit(t.Context()); seq != 2 || err != nil {
			t.Errorf("verified %d, %v", seq, err)
		}
	})
}

func TestA04ManyActsAtOnceMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		const writers, entries = 8, 5
		var all sync.WaitGroup
		failed := make([]error, writers)
		for w := range writers {
			all.Go(func() {
				for range entries {
					failed[w] = errors.Join(failed[w], s.change(t.Context(), "telling", func(tx *Tx) error {
						return noted(tx, uint64(w), "rep.add", "rep:1", nil, start)
					}))
				}
			})
		}
		all.Wait()
		if seq, _, err := s.VerifyAudit(t.Context()); seq != writers*entries || err != nil || errors.Join(failed...) != nil {
			t.Errorf("verified %d, %v; %v", seq, err, errors.Join(failed...))
		}
	})
}
