"""Lo que oye quien está en peligro: qué hacer primero, a quién llamar, y que se está avisando."""

from agent.speech.es.words import digitwise
from agent.speech.sentence import Facts, Sentence


def _emergency(facts: Facts) -> str:
    return digitwise(str(facts.get("emergency_number") or "911"))


def _danger(first: str, then: str = "") -> Sentence:
    def sentence(facts: Facts, tz: str) -> str:
        after = f" {then}" if then else ""
        return (
            f"Esto puede ser peligroso. {first} y llame al {_emergency(facts)}.{after} "
            "Yo no puedo llamar por usted. Estoy avisando a nuestra gente."
        )

    return sentence


def danger_again(facts: Facts, tz: str) -> str:
    return f"Por favor cuelgue y llame al {_emergency(facts)} desde un lugar seguro. Nuestra gente está avisada."


SENTENCES: dict[str, Sentence] = {
    "danger_gas": _danger("Salga del edificio ahora mismo", "No toque interruptores ni encienda nada."),
    "danger_carbon_monoxide": _danger("Saque a todos al aire libre ahora mismo"),
    "danger_fire": _danger("Saque a todos ahora mismo", "No vuelva a entrar."),
    "danger_electricity": _danger("Aléjese, no toque a nadie que esté en contacto con la corriente"),
    "danger_injury": _danger("Cuelgue", "Quédese con la persona herida si es seguro."),
    "danger_flooding": _danger("Si hay agua cerca de algo eléctrico, aléjese", "Después cierre la llave del agua."),
    "danger_threat": _danger("Vaya a un lugar seguro"),
    "danger_again": danger_again,
}
