package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/store"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Names under which run keeps what the other verbs tell.
const (
	settingOrganisation = "organisation"
	settingBroker       = "broker" // host:port for clients
	settingPin          = "pin"
	settingResetKey     = "reset-key"
	settingTURNSecret   = "turn-secret"
	settingRestored     = "restored" // of which backup, see restoring.mark
	settingSeal         = "seal"     // something sealed, by which seal.key is recognised
)

// siteFile is site.json: what a program needs to find its broker and to
// recognise it.
type siteFile struct {
	Broker       string `json:"broker"` // host:port
	Pin          string `json:"pin"`    // see certs.Pin
	Organisation string `json:"organisation"`
	// OrganisationKey is the public half of the key that signs reps'
	// certificates, if there is one.
	OrganisationKey []byte `json:"organisationKey,omitempty"`
}

// kept opens the data of a broker that has run before.
func kept(ctx context.Context, p store.Place) (*store.Store, error) {
	return openFinished(ctx, p, store.OpenKept)
}

func storeTrouble(err error, p store.Place) error {
	where := p.Dir
	if p.Database != "" {
		where = string(words.BrokerTheDatabase) // its address may hold a password
	}
	switch {
	case errors.Is(err, store.ErrNothingKept):
		return sorry(nil, words.BrokerNothingKept, where)
	case errors.Is(err, store.ErrNewer):
		return sorry(err, words.BrokerNewerData, where)
	case errors.Is(err, store.ErrAddress):
		return sorry(nil, words.BrokerBadDatabase)
	case errors.Is(err, store.ErrAway):
		return sorry(err, words.BrokerDatabaseAway)
	case errors.Is(err, store.ErrLetters):
		return sorry(err, words.BrokerDatabaseLetters)
	case store.Broken(err):
		return sorry(err, words.BrokerDatabaseBroken, where)
	case p.Database != "":
		return sorry(err, words.BrokerCantUseDatabase)
	}
	return sorry(err, words.BrokerCantKeep, where)
}

// withKept parses the settings of a verb and does its work on the data.
func (c *command) withKept(ctx context.Context, f *flag.FlagSet, p *store.Place, args []string, plain int, do func(*store.Store) error) (err error) {
	if err := c.parse(f, p, args, plain); err != nil {
		return err
	}
	s, err := kept(ctx, *p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// print prints a line that a verb is there for: without it the verb has failed.
func (c *command) print(line string) error {
	if _, err := fmt.Fprintln(c.out, line); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// enrol prints a code that makes its user a rep.
func (c *command) enrol(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	name := f.String("name", "", c.say.Say(words.FlagRepName))
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		if strings.TrimSpace(*name) == "" {
			return misuse(words.BrokerNeedsName)
		}
		if !showable(*name) {
			return misuse(words.BrokerLongName)
		}
		code, err := people.NewCode(rand.Reader, lobby.EnrolmentLetters, lobby.EnrolmentGroup)
		if err != nil {
			return err
		}
		now := time.Now()
		expires := now.Add(lobby.EnrolmentLife)
		if err := s.AddEnrolment(ctx, people.CodeHash(code), *name, now, expires); err != nil {
			return err
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerEnrolHint, *name, expires.Format(time.DateTime)))
		return c.print(code)
	})
}

// showable says whether a name can travel in a message and be shown.
func showable(name string) bool {
	return len(name) <= wire.MaxName && people.Showable(name)
}

// site prints what the programs need to find this broker.
func (c *command) site(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		var told siteFile
		for name, value := range map[string]*string{
			settingBroker: &told.Broker, settingPin: &told.Pin, settingOrganisation: &told.Organisation,
		} {
			kept, err := s.Setting(ctx, name)
			if err != nil {
				return err
			}
			if kept == nil {
				return sorry(nil, words.BrokerNeverRan)
			}
			*value = string(kept)
		}
		var err error
		if told.OrganisationKey, err = s.OrganisationKey(ctx); err != nil {
			return err
		}
		text, err := json.Marshal(told)
		if err != nil {
			return fmt.Errorf("writing site.json: %w", err)
		}
		return c.print(string(text))
	})
}

// reps lists who may sign in and who no more.
func (c *command) reps(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		reps, err := s.Reps(ctx)
		if err != nil {
			return err
		}
		if len(reps) == 0 {
			fmt.Fprintln(c.notice, c.say.Say(words.BrokerNoReps))
			return nil
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, c.say.Say(words.BrokerRepHeads))
		for _, r := range reps {
			state := words.BrokerRepActive
			if !r.Revoked.IsZero() {
				state = words.BrokerRepGone
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.ID, r.Name, r.Created.Format(time.DateOnly), c.say.Say(state))
		}
		return w.Flush()
	})
}

// revokeRep takes a rep off the list. A running broker notices within a second.
func (c *command) revokeRep(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	return c.withKept(ctx, f, p, args, 1, func(s *store.Store) error {
		id, err := strconv.ParseUint(f.Arg(0), 10, 63)
		if err != nil {
			return misuse(words.BrokerNeedsRep)
		}
		err = s.RevokeRep(ctx, id, time.Now())
		if errors.Is(err, lobby.ErrNoRep) {
			return sorry(nil, words.BrokerNoSuchRep, id)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerRepRevoked, id))
		return nil
	})
}
