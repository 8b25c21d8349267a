package words

// The first administrator.
const (
	FlagAnother     Sentence = "make one more owner, although there is one"
	BrokerFirstHint Sentence = "Who types this code at https://%s/login/first becomes an owner of this broker and may do everything. It works once, until %s; codes made earlier work no more:"
	BrokerHasOwner  Sentence = "There is an owner already, who can let others in. If nobody can sign in as one any more, add --another."
)
