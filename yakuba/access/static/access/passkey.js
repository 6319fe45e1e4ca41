// Passkeys: shows the form only where the browser can use it; without this script the password way remains.
const form = document.getElementById("passkey");

async function post(address, body) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
    body,
  });
  return answer.json();
}

async function use() {
  const question = await post(form.dataset.question, "");
  const credential = form.dataset.does === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
  const name = form.elements.name ? "?name=" + encodeURIComponent(form.elements.name.value) : "";
  return post(form.dataset.answer + name, JSON.stringify(credential));
}

if (form && window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("[data-said]");
    said.textContent = "";
    try {
      const result = await use();
      if (result.next) location.assign(result.next);
      else said.textContent = result.message;
    } catch {
      said.textContent = form.dataset.failed;
    }
  });
}
