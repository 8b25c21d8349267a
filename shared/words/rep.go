package words

// What the rep console's model says.
const (
	RepNameless         Sentence = "Customer %s" // the number of the session key
	RepWaitingTitle     Sentence = "A customer is waiting"
	RepWaitingText      Sentence = "Session key %s was entered. Accept the session in the console."
	RepNewMessage       Sentence = "New message"
	RepKeyBurntTitle    Sentence = "Session key %s has been withdrawn"
	RepKeyBurntText     Sentence = "The secret was entered wrongly three times. Make a new key."
	RepKeyCopied        Sentence = "Session key copied"
	RepLinkCopied       Sentence = "Link copied. Tell the secret by voice."
	RepInvitationCopied Sentence = "Invitation copied. Tell the secret by voice."
	RepFull             Sentence = "Too much waits for the connection. Your text is kept: send it when the connection is back."
)

// The invitation: link, number, end of life and who invites.
const (
	RepInviteSubject     Sentence = "Your remote support session"
	RepInviteSubjectFrom Sentence = "Your remote support session with %s"
	RepInvite            Sentence = "Hello,\n\nto start your support session:\n\n1. Open this page: %s\n2. If you are asked for it, the number of your session is %s.\n3. I will tell you the second half, the secret, by phone. Please do not write it down in a mail.\n\nThis works until %s.\n\nKind regards\n%s\n"
	RepInviteNoLink      Sentence = "Hello,\n\nto start your support session, open the support program and enter the number %s.\nI will tell you the second half, the secret, by phone.\n\nThis works until %s.\n\nKind regards\n%s\n"
)
