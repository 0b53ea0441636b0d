// Every error that the verifier throws. Sentences are for developers: what people read is the page's matter.
//
//   VerifierError
//   ├── MalformedError      bytes that the matching formatter would never have written
//   ├── VerificationError   a proof, digest, signature or root that does not hold
//   └── UnsupportedError    this browser lacks what is needed to check: nothing is known of the record
//
// An UnsupportedError is never turned into a check that fails: an old browser is not a lie.

export class VerifierError extends Error {
  constructor(message) {
    super(message);
    this.name = this.constructor.name;
  }
}

export class MalformedError extends VerifierError {}

export class VerificationError extends VerifierError {}

export class UnsupportedError extends VerifierError {}
