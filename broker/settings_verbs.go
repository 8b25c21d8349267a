package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/shared/words"
)

// export writes settings and people as a file that can be reviewed and applied.
func (c *command) export(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		set, _, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		o, err := s.Organisation(ctx)
		if err != nil {
			return err
		}
		file, err := settings.Export(set, o.Staff())
		if err != nil {
			return err
		}
		_, err = c.out.Write(file)
		return err
	})
}

// apply shows what a file of settings and people would change, and changes it
// when told to. Whoever has this machine may make an owner (see firstAdmin), so
// it may arrange people, too; the audit log tells each change. A running broker
// notices within seconds.
func (c *command) apply(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	yes := f.Bool("yes", false, c.say.Say(words.FlagYes))
	return c.withKept(ctx, f, p, args, 1, func(s *store.Store) error {
		if f.NArg() != 1 {
			return misuse(words.ApplyNeedsFile)
		}
		file, err := readSettings(f.Arg(0))
		if err != nil {
			return err
		}
		now, version, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		o, err := s.Organisation(ctx)
		if err != nil {
			return err
		}
		next, staff, err := settings.ImportWith(file, now)
		if err != nil {
			return c.wrongs(f.Arg(0), err)
		}
		after, _, err := o.Arrange(people.Asker{}, staff, time.Now())
		if err == nil {
			err = next.RefersAfter(now, known(o), known(after))
		}
		if err != nil {
			return c.wrongs(f.Arg(0), err)
		}
		changes := append(settings.Compare(now, next), settings.CompareStaff(o.Staff(), after.Staff())...)
		if len(changes) == 0 {
			fmt.Fprintln(c.notice, c.say.Say(words.ApplyNothing))
			return nil
		}
		c.changes(changes)
		if !*yes {
			fmt.Fprintln(c.notice, c.say.Say(words.ApplyHint))
			return nil
		}
		err = s.SetFile(ctx, 0, version, next, o.Stamp(), staff, time.Now())
		switch {
		case errors.Is(err, settings.ErrChanged), errors.Is(err, people.ErrChanged):
			return sorry(nil, words.ApplyChanged)
		case errors.Is(err, settings.ErrBad):
			return c.wrongs(f.Arg(0), err)
		case err != nil:
			return err
		}
		fmt.Fprintln(c.notice, c.say.Say(words.ApplyDone))
		return nil
	})
}

// readSettings reads a file, or standard input for "-".
func readSettings(name string) (text []byte, err error) {
	from := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, sorry(err, words.ApplyNoFile, name)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		from = f
	}
	// One byte more than there may be, so that Import notices.
	if text, err = io.ReadAll(io.LimitReader(from, settings.MaxFile+1)); err != nil {
		return nil, sorry(err, words.ApplyNoFile, name)
	}
	return text, nil
}

// wrongs tells all that is wrong with a file, each with its line.
func (c *command) wrongs(name string, err error) error {
	err = settings.StaffWrongs(err, "staff")
	var all settings.Wrongs
	if !errors.As(err, &all) {
		return err
	}
	for _, w := range all {
		what := c.say.Say(w.Sentence, w.Args...)
		switch {
		case w.Line > 0:
			fmt.Fprintln(c.notice, c.say.Say(words.ApplyLine, name, w.Line, w.Where, what))
		case w.Where != "":
			fmt.Fprintln(c.notice, c.say.Say(words.ApplyPlace, name, w.Where, what))
		default:
			fmt.Fprintln(c.notice, c.say.Say(words.ApplyWhole, name, what))
		}
	}
	return sorry(nil, words.ApplyRefused, name)
}

// changes prints a review.
func (c *command) changes(all []settings.Change) {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	section := ""
	for _, one := range all {
		if one.Section != section {
			section = one.Section
			fmt.Fprintln(w, section)
		}
		fmt.Fprintf(w, "  %s\t%s → %s\n", one.What, c.shown(one.Old), c.shown(one.New))
	}
	_ = w.Flush() // what can't be printed can't be told either
}

func (c *command) shown(value string) string {
	if value == "" {
		return c.say.Say(words.SaidNothing)
	}
	return strconv.Quote(value) // a text of several lines stays in its row
}

// known tells settings whom there is.
func known(o people.Organisation) settings.Known {
	return settings.Known{
		Team: func(id uint64) bool { _, ok := o.Teams[id]; return ok },
		Rep:  func(id uint64) bool { _, ok := o.Reps[id]; return ok },
		Role: func(id string) bool { _, ok := o.Role(id); return ok },
	}
}
