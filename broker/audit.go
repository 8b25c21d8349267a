package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"handrail/broker/chain"
	"handrail/broker/people"
	"handrail/broker/store"
	"handrail/shared/words"
)

// verifyAudit reads the whole audit log and says whether it holds: the exit
// code tells programs. With an entry that was noted elsewhere, such as in the
// broker's own log, it also notices a log that was written anew.
func (c *command) verifyAudit(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	noted := f.String("noted", "", c.say.Say(words.FlagNoted))
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		seq, head, err := parseNoted(*noted)
		if err != nil {
			return misuse(words.BrokerBadNoted, *noted)
		}
		n, newest, err := s.VerifyAudit(ctx)
		if err == nil && seq > 0 {
			err = holds(ctx, s, seq, head)
		}
		if errors.Is(err, chain.ErrBroken) {
			return sorry(err, words.BrokerAuditBroken)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerAuditHolds, n))
		return c.print(fmt.Sprintf("%d:%x", n, newest[:]))
	})
}

// parseNoted reads NUMBER:HASH; nothing is number 0.
func parseNoted(text string) (seq uint64, head chain.Hash, err error) {
	if text == "" {
		return 0, head, nil
	}
	number, hash, _ := strings.Cut(text, ":")
	seq, err = strconv.ParseUint(number, 10, 63)
	b, bad := hex.DecodeString(hash)
	if err = errors.Join(err, bad); err == nil && (len(b) != len(head) || seq == 0) {
		err = errors.New("not a number and a hash")
	}
	copy(head[:], b)
	return seq, head, err
}

// holds says whether the log still holds an entry.
func holds(ctx context.Context, s *store.Store, seq uint64, head chain.Hash) error {
	entries, err := s.Audit(ctx, people.AuditFilter{Before: seq + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(entries) != 1 || entries[0].Seq != seq || entries[0].Hash != head {
		return fmt.Errorf("%w: entry %d is not the one that was noted", chain.ErrBroken, seq)
	}
	return nil
}
