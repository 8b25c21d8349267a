package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/store"
	"handrail/shared/words"
)

// firstLife is how long a first administrator's code can be used. It is made by
// somebody who sits in front of the machine and needs it now.
const firstLife = time.Hour

// firstAdmin prints a code with which somebody becomes an owner. There is no
// set-up page that would wait for whoever comes first (row A02): without a code
// from here nobody gets in.
func (c *command) firstAdmin(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	another := f.Bool("another", false, c.say.Say(words.FlagAnother))
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		o, err := s.Organisation(ctx)
		if err != nil {
			return err
		}
		if len(o.Owners()) > 0 && !*another {
			return sorry(nil, words.BrokerHasOwner)
		}
		address, err := s.Setting(ctx, settingBroker)
		switch {
		case err != nil:
			return err
		case address == nil:
			return sorry(nil, words.BrokerNeverRan)
		}
		code, err := people.NewCode(rand.Reader, lobby.EnrolmentLetters, lobby.EnrolmentGroup)
		if err != nil {
			return err
		}
		now := time.Now()
		if err := s.AddFirst(ctx, people.CodeHash(code), now, now.Add(firstLife)); err != nil {
			return err
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerFirstHint, address, now.Add(firstLife).Format(time.DateTime)))
		return c.print(code)
	})
}
