// Finds the number that the sign-up form asks for while a list is crowded; without it the mail comes later.
const form = document.querySelector("form[data-puzzle]");
const zeros = BigInt(form.dataset.puzzle);
const text = `${form.elements.seal.value}:${form.elements.address.value}:`;

async function solve() {
  for (let number = 0; ; number += 1) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text + number)));
    const head = (BigInt(hash[0]) << 16n) | (BigInt(hash[1]) << 8n) | BigInt(hash[2]);
    if (head >> (24n - zeros) === 0n) return number;
  }
}

solve().then((number) => { form.elements.answer.value = number; });
