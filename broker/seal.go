package main

import (
	"context"
	"errors"

	"handrail/broker/locks"
	"handrail/broker/store"
	"handrail/shared/words"
)

// openSealer gives what seals secrets in the database. The key is beside the
// database, so it can be left behind when either moves: with another one nobody
// gets in by a code from an app, and no web hook is signed, and that would show
// only then.
func openSealer(ctx context.Context, kept *store.Store, set *told) (*locks.Sealer, error) {
	known, err := kept.Setting(ctx, settingSeal)
	if err != nil {
		return nil, storeTrouble(err, set.place)
	}
	if set.newSeal {
		known = nil
	}
	there := map[string][]byte{}
	if err := locks.Kept(set.data, there); err == nil && len(there) == 0 && known != nil {
		return nil, sorry(nil, words.BrokerOtherSeal, set.data)
	}
	sealer, err := locks.OpenSealer(set.data)
	switch {
	case errors.Is(err, locks.ErrSeal):
		return nil, sorry(err, words.BrokerBadSeal, set.data)
	case err != nil:
		return nil, sorry(err, words.BrokerCantKeep, set.data)
	}
	if known != nil {
		if _, err := sealer.Open(0, known); err != nil {
			return nil, sorry(err, words.BrokerOtherSeal, set.data)
		}
		return sealer, nil
	}
	if err := kept.SetSetting(ctx, settingSeal, sealer.Seal(0, []byte(settingSeal))); err != nil {
		return nil, storeTrouble(err, set.place)
	}
	return sealer, nil
}
